//! How the options are called, and for each a value to copy.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;

use super::nearest;
use crate::tokens::printed;

pub(super) const NAMES: [&str; 19] = [
    "timeout",
    "inherit",
    "name",
    "grace",
    "origin",
    "shutdown",
    "trace",
    "level",
    "limit",
    "overflow",
    "queue",
    "start_timeout",
    "supervisor",
    "durable",
    "attempts",
    "backoff",
    "crashes",
    "alias",
    "crate",
];

/// A name as it was written.
pub(super) enum Name {
    Known(Ident),
    Unknown { meant: Option<&'static str>, message: String },
}

pub(super) fn is_known(written: &[TokenTree]) -> bool {
    matches!(read(written), Name::Known(_))
}

/// Of one word or, if it is no option's, of several.
pub(super) fn read(written: &[TokenTree]) -> Name {
    if let [TokenTree::Ident(word)] = written {
        let key = word.unraw();
        if NAMES.contains(&key.to_string().as_str()) {
            return Name::Known(key);
        }
    }
    let shown = printed(written.iter().cloned().collect::<TokenStream>());
    let meant = meant(&shown);
    let advice = nearest::did_you_mean(meant);
    let all = nearest::listed(&NAMES);
    Name::Unknown { meant, message: format!("unknown option `{shown}`{advice} the options are {all}") }
}

/// The option that a name stands for, by its last word or else by one before: `detached::timeout`, `timeout.secs`.
fn meant(written: &str) -> Option<&'static str> {
    written.rsplit([':', '.']).find_map(|word| meant_by(&word.replace('-', "_").to_lowercase()))
}

/// One that is called so elsewhere, else one that is spelt alike.
fn meant_by(word: &str) -> Option<&'static str> {
    Some(match word {
        "time" | "time_limit" | "deadline" | "bound" | "ttl" | "max_duration" => "timeout",
        "values" | "context" | "keep" | "carry" => "inherit",
        "label" => "name",
        "span" => "trace",
        "severity" => "level",
        "concurrency" | "max_concurrency" | "max_tasks" | "permits" => "limit",
        "queue_size" | "buffer" | "capacity" => "queue",
        "owner" => "supervisor",
        "path" => "crate",
        _ => return nearest::nearest(word, &NAMES),
    })
}

/// Whether a word without a value may be one.
pub(super) fn is_like_option(word: &str) -> bool {
    meant(word).is_some()
}

pub(super) fn is_list(name: &[TokenTree]) -> bool {
    matches!(name, [TokenTree::Ident(word)] if word == "inherit")
}

/// A value to copy, for an option that was given none or a wrong one.
pub(super) fn example(name: &str) -> &'static str {
    match name {
        "timeout" | "grace" | "start_timeout" => "\"5s\"",
        "inherit" => "[\"user_id\"]",
        "name" => "\"record_visit\"",
        "durable" => "\"mail\"",
        "backoff" => "\"1s..15m\"",
        "alias" => "\"shop::send_mail\"",
        "origin" => "\"follow\"",
        "shutdown" => "\"cancel\"",
        "trace" => "\"child\"",
        "level" => "\"warn\"",
        "limit" | "queue" | "crashes" => "10",
        "attempts" => "5",
        "overflow" => "\"wait\"",
        "supervisor" => "&supervisor",
        _ => "::detached",
    }
}
