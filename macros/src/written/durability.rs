//! The options of a durable function: where its calls are stored, and how often they are tried.

use std::time::Duration;

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::Expr;

use super::duration_text;
use super::option_name::example;
use super::option_value;
use super::slot::Slot;
use super::value::Value;
use crate::diagnostics::Diagnostics;
use crate::tokens::printed;

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

/// Whether the runtime has what durable functions are made of.
pub(super) const IS_BUILT: bool = cfg!(feature = "durable");

impl Durability {
    /// Whether the function is to be durable, be the queue's name right or not.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.queue.key().is_some()
    }

    /// Whether it can be, too.
    pub(crate) fn is_possible(&self) -> bool {
        self.is_asked_for() && IS_BUILT
    }

    /// The names of the other options, where they are written.
    pub(super) fn rest(&self) -> [Option<&Ident>; 4] {
        [self.attempts.key(), self.backoff.key(), self.crashes.key(), self.alias.key()]
    }
}

pub(super) fn queue(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<String> {
    name(key, "the name of a queue", value, diagnostics)
}

/// An integer above zero.
pub(super) fn number(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<u32> {
    let count = option_value::count(key, value, diagnostics)?;
    u32::try_from(count).map_err(|_| diagnostics.error(value, format!("`{count}` is too large for `{key}`"))).ok()
}

/// `"30s"`, or `"1s..15m"`.
pub(super) fn backoff(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Backoff> {
    let Some(text) = value.text() else {
        let written = printed(value);
        if pauses(&written).is_ok() {
            diagnostics.error(value, format!("a duration stands in quotes; write `\"{written}\"`"));
        } else {
            let example = example(&key.to_string());
            value.unexpected(
                key,
                &format!("a duration in quotes, or two of them, as in `{key} = {example}`"),
                diagnostics,
            );
        }
        return None;
    };
    pauses(&text.value()).map_err(|message| diagnostics.error(text, message)).ok()
}

fn pauses(text: &str) -> Result<Backoff, String> {
    let (first, longest) = text.split_once("..").unwrap_or((text, text));
    let (first, longest) = (duration_text::parse(first)?, duration_text::parse(longest)?);
    if first > longest {
        return Err("the pauses get longer; write the shorter one first, as in `\"1s..15m\"`".to_owned());
    }
    Ok(Backoff { first, longest })
}

/// `"shop::send_mail"`, or a list of such.
pub(super) fn alias(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let Some(Expr::Array(list)) = value.expression() else {
        return name(key, "a name", value, diagnostics).map(|name| vec![name]);
    };
    let mut aliases = Vec::new();
    for element in &list.elems {
        let alias = name(key, "names", &Value::new(element.to_token_stream().into_iter().collect()), diagnostics)?;
        if aliases.contains(&alias) {
            diagnostics.error(element, format!("`{alias}` is listed twice; keep one of them"));
            return None;
        }
        aliases.push(alias);
    }
    Some(aliases)
}

fn name(key: &Ident, what: &str, value: &Value, diagnostics: &mut Diagnostics) -> Option<String> {
    let example = example(&key.to_string());
    let Some(name) = value.text() else {
        value.unexpected(key, &format!("{what} in quotes, as in `{key} = {example}`"), diagnostics);
        return None;
    };
    if name.value().trim().is_empty() {
        diagnostics.error(name, format!("the name is blank; write one, as in `{key} = {example}`"));
        return None;
    }
    Some(name.value())
}
