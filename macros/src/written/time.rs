//! The options whose value is a length of time, and the one that bounds the work.

use std::time::Duration;

use proc_macro2::Ident;
use syn::{Expr, ExprLit, Lit};

use super::duration_text;
use super::option_value::text;
use crate::diagnostics::Diagnostics;

pub(crate) enum Timeout {
    After(Duration),
    /// `"none"`: waived in writing.
    Waived,
    /// Known only at the call.
    Computed(Expr),
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
