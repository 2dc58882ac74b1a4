//! The values an option may have. Each reader takes the option's name and its value as written.

use std::time::Duration;

use proc_macro2::Ident;
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr, Path};

use crate::diagnostics::Diagnostics;
use crate::duration_text;
use crate::nearest;
use crate::options::{Level, Origin, Overflow, Shutdown, Timeout, Trace};

/// A value out of a fixed list, each with its text.
pub(crate) trait Choice: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];
}

impl Choice for Origin {
    const ALL: &'static [(&'static str, Self)] = &[("ignore", Self::Ignore), ("follow", Self::Follow)];
}

impl Choice for Shutdown {
    const ALL: &'static [(&'static str, Self)] = &[("finish", Self::Finish), ("cancel", Self::Cancel)];
}

impl Choice for Trace {
    const ALL: &'static [(&'static str, Self)] = &[("link", Self::Link), ("child", Self::Child), ("none", Self::None)];
}

impl Choice for Level {
    const ALL: &'static [(&'static str, Self)] =
        &[("error", Self::Error), ("warn", Self::Warn), ("info", Self::Info), ("debug", Self::Debug)];
}

impl Choice for Overflow {
    const ALL: &'static [(&'static str, Self)] =
        &[("reject", Self::Reject), ("wait", Self::Wait), ("drop_oldest", Self::DropOldest)];
}

/// A value to copy, for an option that was given none or a wrong one.
pub(crate) fn example(key: &Ident) -> &'static str {
    match key.to_string().as_str() {
        "timeout" | "grace" | "start_timeout" => "\"5s\"",
        "inherit" => "[\"user_id\"]",
        "name" => "\"record_visit\"",
        "origin" => "\"follow\"",
        "shutdown" => "\"cancel\"",
        "trace" => "\"child\"",
        "level" => "\"warn\"",
        "limit" | "queue" => "10",
        "overflow" => "\"wait\"",
        "supervisor" => "&supervisor",
        _ => "::detached",
    }
}

pub(crate) fn timeout(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<Timeout> {
    match written {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value() == "none" => Some(Timeout::Waived),
        Expr::Lit(_) => bound(key, written, diagnostics).map(Timeout::After),
        computed => Some(Timeout::Computed(computed.clone())),
    }
}

/// A duration above zero.
pub(crate) fn bound(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let bound = duration(key, written, diagnostics)?;
    if bound.is_zero() {
        let advice = match key.to_string().as_str() {
            "timeout" => "write a longer one, or waive the bound with `timeout = \"none\"`",
            _ => "write a longer one, or leave the option out",
        };
        diagnostics.error(written, format!("a `{key}` of zero leaves no time to run; {advice}"));
        return None;
    }
    Some(bound)
}

pub(crate) fn duration(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let text = text(key, written, diagnostics)?;
    duration_text::parse(&text.value()).map_err(|message| diagnostics.error(text, message)).ok()
}

pub(crate) fn name(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<String> {
    let name = text(key, written, diagnostics)?;
    if name.value().trim().is_empty() {
        let advice = "write what spans, events and reports shall call the task";
        diagnostics.error(name, format!("the name is blank; {advice}"));
        return None;
    }
    Some(name.value())
}

pub(crate) fn choice<T: Choice>(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<T> {
    let words: Vec<_> = T::ALL.iter().map(|(word, _)| *word).collect();
    let quoted: Vec<_> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    let all = quoted.join(", ");
    let Some(text) = as_text(written) else {
        diagnostics.error(written, format!("`{key}` expects one of {all}"));
        return None;
    };
    let value = text.value();
    let found = T::ALL.iter().find(|(word, _)| *word == value);
    if found.is_none() {
        let advice = nearest::suggestion(&value, &words);
        diagnostics.error(text, format!("unknown `{key}` `{value}`{advice} write one of {all}"));
    }
    found.map(|(_, choice)| *choice)
}

/// An integer above zero.
pub(crate) fn count(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<usize> {
    let Expr::Lit(ExprLit { lit: Lit::Int(digits), .. }) = written else {
        diagnostics.error(written, format!("`{key}` expects an integer above zero, as in `{key} = 10`"));
        return None;
    };
    if !matches!(digits.suffix(), "" | "usize") {
        diagnostics.error(digits, format!("`{key}` expects a plain integer, as in `{key} = 10`"));
        return None;
    }
    match digits.base10_parse::<usize>() {
        Ok(0) => {
            let advice = match key.to_string().as_str() {
                "limit" => "no task could ever run; write at least `limit = 1`",
                _ => "nothing could wait; write `overflow = \"reject\"` without a `queue`",
            };
            diagnostics.error(digits, format!("with a `{key}` of zero {advice}"));
            None
        }
        Ok(count) => Some(count),
        Err(_) => {
            diagnostics.error(digits, format!("`{digits}` is too large for a `{key}`"));
            None
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it has the shape of all readers")]
pub(crate) fn expression(_: &Ident, written: &Expr, _: &mut Diagnostics) -> Option<Expr> {
    Some(written.clone())
}

pub(crate) fn path(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<Path> {
    match written {
        Expr::Path(ExprPath { qself: None, path, .. }) if path.segments.iter().all(|it| it.arguments.is_none()) => {
            Some(path.clone())
        }
        _ => {
            diagnostics.error(
                written,
                format!("`{key}` expects the path under which `detached` is known here, as in `{key} = ::my_facade::detached`"),
            );
            None
        }
    }
}

fn text(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<LitStr> {
    let text = as_text(written);
    if text.is_none() {
        let example = example(key);
        let expected = match key.to_string().as_str() {
            "name" => "text in quotes",
            "timeout" => "a duration in quotes, or an expression of type `Duration`",
            _ => "a duration in quotes",
        };
        diagnostics.error(written, format!("`{key}` expects {expected}, as in `{key} = {example}`"));
    }
    text.cloned()
}

fn as_text(written: &Expr) -> Option<&LitStr> {
    match written {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.suffix().is_empty() => Some(text),
        _ => None,
    }
}
