//! The options whose value is a length of time, and the one that bounds the work.

use std::time::Duration;

use proc_macro2::Ident;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitStr, UnOp};

use super::duration_text;
use super::value::Value;
use crate::diagnostics::Diagnostics;
use crate::tokens::printed;

pub(crate) enum Timeout {
    After(Duration),
    /// `"none"`: waived in writing.
    Waived,
    /// Known only at the call.
    Computed(Expr),
}

pub(super) fn timeout(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Timeout> {
    if value.text().is_some_and(|text| text.value() == "none") {
        return Some(Timeout::Waived);
    }
    match value.expression() {
        // A number, and no expression that gives one: that may be a duration.
        Some(expression) if !is_number(expression) && !matches!(expression, Expr::Lit(_)) && !is_waived(value) => {
            Some(Timeout::Computed(expression.clone()))
        }
        _ => bound(key, value, diagnostics).map(Timeout::After),
    }
}

/// A duration above zero.
pub(super) fn bound(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let bound = duration(key, value, diagnostics)?;
    if bound.is_zero() {
        let advice = match key.to_string().as_str() {
            "timeout" => "write a longer one, or waive the bound with `timeout = \"none\"`",
            _ => "write a longer one, or leave the option out",
        };
        diagnostics.error(value, format!("a `{key}` of zero leaves no time to run; {advice}"));
        return None;
    }
    Some(bound)
}

pub(super) fn duration(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let text = value.text().map(|text| (text, duration_text::parse(&text.value())));
    if let Some((_, Ok(bound))) = text {
        return Some(bound);
    }
    let is_timeout = key == "timeout";
    if is_waived(value) {
        let advice = if is_timeout { "a bound is waived with `timeout = \"none\"`" } else { "leave the option out" };
        diagnostics.error(value, format!("`{}` is no duration; {advice}", shown(value)));
        return None;
    }
    if let Some((text, Err(message))) = text {
        diagnostics.error(text, message);
        return None;
    }
    if let Some(message) = without_quotes(value) {
        diagnostics.error(value, message);
        return None;
    }
    let expected =
        if is_timeout { "a duration in quotes, or an expression of type `Duration`" } else { "a duration in quotes" };
    value.unexpected(key, &format!("{expected}, as in `{key} = \"5s\"`"), diagnostics);
    None
}

/// `#[background("5s")]`
pub(super) fn is_bound(text: &LitStr) -> bool {
    text.value() == "none" || duration_text::parse(&text.value()).is_ok()
}

/// `5`, `5s`, `-5`, `1m 30s`: what to write for a number without quotes.
fn without_quotes(value: &Value) -> Option<String> {
    let written = printed(value);
    if !written.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(match duration_text::parse(&written) {
        Ok(_) => format!("a duration stands in quotes; write `\"{written}\"`"),
        Err(message) => format!("{message}, in quotes"),
    })
}

fn is_number(expression: &Expr) -> bool {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }) => true,
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => is_number(expr),
        _ => false,
    }
}

/// What people write for "no bound": in quotes however it is spelt, and without them as a word that names no constant.
fn is_waived(value: &Value) -> bool {
    match value.text() {
        Some(text) => NO_BOUND.contains(&text.value().trim().to_lowercase().as_str()),
        None => match printed(value).rsplit("::").next() {
            Some("None") => true,
            word => word.is_some_and(|word| NO_BOUND.contains(&word)),
        },
    }
}

const NO_BOUND: [&str; 17] = [
    "none",
    "never",
    "no",
    "off",
    "false",
    "nil",
    "null",
    "inf",
    "infinite",
    "infinity",
    "\u{221e}",
    "unlimited",
    "unbounded",
    "forever",
    "disabled",
    "no bound",
    "no timeout",
];

fn shown(value: &Value) -> String {
    value.text().map_or_else(|| printed(value), LitStr::value)
}
