//! The plain values an option may have. Each reader, here and in the files of the other values, takes the option's name and
//! its value as written.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr, Path};

use super::option_name::example;
use crate::diagnostics::Diagnostics;

pub(crate) fn name(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<String> {
    let name = text(key, written, diagnostics)?;
    if name.value().trim().is_empty() {
        let advice = "write what spans, events and reports shall call the task";
        diagnostics.error(name, format!("the name is blank; {advice}"));
        return None;
    }
    Some(name.value())
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

pub(crate) fn text(key: &Ident, written: &Expr, diagnostics: &mut Diagnostics) -> Option<LitStr> {
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

pub(crate) fn as_text(written: &Expr) -> Option<&LitStr> {
    match written {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.suffix().is_empty() => Some(text),
        _ => None,
    }
}
