//! The options whose value is a word out of a fixed list.

use proc_macro2::Ident;

use super::nearest;
use super::value::Value;
use crate::diagnostics::Diagnostics;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Origin {
    Ignore,
    Follow,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Shutdown {
    Finish,
    Cancel,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Trace {
    Link,
    Child,
    None,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Overflow {
    Reject,
    Wait,
    DropOldest,
}

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

pub(super) fn choice<T: Choice>(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<T> {
    let words: Vec<_> = T::ALL.iter().map(|(word, _)| *word).collect();
    let all = || words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", ");
    let Some(text) = value.text() else {
        let word = value.word().and_then(|word| nearest::nearest(&word.to_string(), &words));
        let expected = match word {
            Some(word) => format!("text in quotes, as in `{key} = \"{word}\"`"),
            None => format!("one of {}", all()),
        };
        value.unexpected(key, &expected, diagnostics);
        return None;
    };
    let written = text.value();
    let found = T::ALL.iter().find(|(word, _)| *word == written);
    if found.is_none() {
        let advice = nearest::suggestion(&written, &words);
        diagnostics.error(text, format!("unknown `{key}` `{written}`{advice} write one of {}", all()));
    }
    found.map(|(_, choice)| *choice)
}
