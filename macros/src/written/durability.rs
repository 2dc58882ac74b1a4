//! The options of a durable function: where its calls are stored, and how often they are tried.

use std::time::Duration;

use proc_macro2::Ident;
use syn::{Expr, ExprLit, Lit};

use super::duration_text;
use super::option_name::example;
use super::option_value::as_text;
use super::slot::Slot;
use crate::diagnostics::Diagnostics;
use crate::tokens::ungrouped_expression;

#[derive(Default)]
pub(crate) struct Durability {
    /// `durable = "…"`.
    pub(crate) queue: Slot<String>,
    pub(crate) attempts: Slot<u32>,
    pub(crate) backoff: Slot<Backoff>,
    pub(crate) crashes: Slot<u32>,
    pub(crate) alias: Slot<Vec<String>>,
}

/// The pause after the first attempt, and the longest one.
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Durability {
    /// Whether the function is to be durable, be the queue's name right or not.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.queue.key().is_some()
    }

    /// The names of the other options, where they are written.
    pub(super) fn rest(&self) -> [Option<&Ident>; 4] {
        [self.attempts.key(), self.backoff.key(), self.crashes.key(), self.alias.key()]
    }
}

pub(crate) fn queue(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<String> {
    name(key, "the name of a queue", written, diagnostics)
}

/// An integer above zero.
pub(crate) fn number(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<u32> {
    let example = example(key);
    let Expr::Lit(ExprLit { lit: Lit::Int(digits), .. }) = written else {
        diagnostics.error(written, format!("`{key}` expects an integer above zero, as in `{key} = {example}`"));
        return None;
    };
    match digits.base10_parse::<u32>() {
        Ok(0) if key == "attempts" => {
            diagnostics
                .error(digits, "with no attempt at all the call would never be run; write at least `attempts = 1`");
            None
        }
        Ok(0) => {
            let advice =
                "a worker that stops for any reason would have its calls given up; write at least `crashes = 1`";
            diagnostics.error(digits, advice);
            None
        }
        Ok(number) => Some(number),
        Err(_) => {
            diagnostics
                .error(digits, format!("`{digits}` is no number for `{key}`; write one as in `{key} = {example}`"));
            None
        }
    }
}

/// `"30s"`, or `"1s..15m"`.
pub(crate) fn backoff(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<Backoff> {
    let Some(text) = as_text(written) else {
        diagnostics.error(
            written,
            format!("`{key}` expects a duration in quotes, or two of them, as in `{key} = {}`", example(key)),
        );
        return None;
    };
    let value = text.value();
    let (first, longest) = value.split_once("..").unwrap_or((&value, &value));
    match (duration_text::parse(first), duration_text::parse(longest)) {
        (Ok(first), Ok(longest)) if first <= longest => Some(Backoff { first, longest }),
        (Ok(_), Ok(_)) => {
            diagnostics.error(text, "the pauses get longer; write the shorter one first, as in `\"1s..15m\"`");
            None
        }
        (Err(message), _) | (_, Err(message)) => {
            diagnostics.error(text, message);
            None
        }
    }
}

/// `"shop::send_mail"`, or a list of such.
pub(crate) fn alias(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let Expr::Array(list) = written else {
        return name(key, "a name", written, diagnostics).map(|name| vec![name]);
    };
    let mut aliases = Vec::new();
    for element in &list.elems {
        let alias = name(key, "names", &ungrouped_expression(element.clone()), diagnostics)?;
        if aliases.contains(&alias) {
            diagnostics.error(element, format!("`{alias}` is listed twice; keep one of them"));
            return None;
        }
        aliases.push(alias);
    }
    Some(aliases)
}

fn name(key: &Ident, what: &str, written: &Expr, diagnostics: &mut Diagnostics) -> Option<String> {
    let example = example(key);
    let Some(name) = as_text(written) else {
        diagnostics.error(written, format!("`{key}` expects {what} in quotes, as in `{key} = {example}`"));
        return None;
    };
    if name.value().trim().is_empty() {
        diagnostics.error(name, format!("the name is blank; write one, as in `{key} = {example}`"));
        return None;
    }
    Some(name.value())
}
