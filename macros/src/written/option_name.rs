//! How the options are called, and for each a value to copy.

use proc_macro2::Ident;

use super::nearest;

pub(crate) const NAMES: [&str; 19] = [
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

pub(crate) fn unknown(key: &Ident) -> String {
    let advice = nearest::suggestion(&key.to_string(), &NAMES);
    let all = nearest::listed(&NAMES);
    format!("unknown option `{key}`{advice} the options are {all}")
}

/// A value to copy, for an option that was given none or a wrong one.
pub(crate) fn example(key: &Ident) -> &'static str {
    match key.to_string().as_str() {
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
