//! The plain values an option may have. Each reader, here and in the files of the other values, takes the option's name and
//! its value as written.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, ExprPath, ExprUnary, Lit, LitInt, Path, UnOp};

use super::option_name::example;
use super::value::Value;
use crate::diagnostics::Diagnostics;

pub(super) fn name(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<String> {
    let Some(name) = value.text() else {
        value.unexpected(key, "text in quotes, as in `name = \"record_visit\"`", diagnostics);
        return None;
    };
    if name.value().trim().is_empty() {
        let advice = "write what spans, events and reports shall call the task";
        diagnostics.error(name, format!("the name is blank; {advice}"));
        return None;
    }
    Some(name.value())
}

pub(crate) enum Limit {
    Fixed(usize),
    /// Known only at the first call.
    Computed(Expr),
}

pub(super) fn limit(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Limit> {
    match value.expression() {
        Some(Expr::Lit(ExprLit { lit: Lit::Int(digits), .. })) => count_in(key, digits, diagnostics).map(Limit::Fixed),
        Some(expression) if !is_literal(expression) => Some(Limit::Computed(expression.clone())),
        _ => {
            let expected = "an integer above zero, or an expression of type `usize`, as in `limit = 10`";
            value.unexpected(key, expected, diagnostics);
            None
        }
    }
}

/// A value that is no `usize`, whatever stands around it.
fn is_literal(expression: &Expr) -> bool {
    match expression {
        Expr::Lit(_) => true,
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => is_literal(expr),
        _ => false,
    }
}

/// An integer above zero.
pub(super) fn count(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<usize> {
    let Some(Expr::Lit(ExprLit { lit: Lit::Int(digits), .. })) = value.expression() else {
        let example = example(&key.to_string());
        value.unexpected(key, &format!("an integer above zero, as in `{key} = {example}`"), diagnostics);
        return None;
    };
    count_in(key, digits, diagnostics)
}

fn count_in(key: &Ident, digits: &LitInt, diagnostics: &mut Diagnostics) -> Option<usize> {
    if !matches!(digits.suffix(), "" | "usize") {
        let plain = digits.base10_digits();
        diagnostics.error(digits, format!("`{key}` expects a plain integer, as in `{key} = {plain}`"));
        return None;
    }
    match digits.base10_parse::<usize>() {
        Ok(0) => {
            let message = match key.to_string().as_str() {
                "limit" => "with a `limit` of zero no task could ever run; write at least `limit = 1`",
                "attempts" => "with no attempt at all the call would never be run; write at least `attempts = 1`",
                "crashes" => {
                    "a worker that stops for any reason would have its calls given up; write at least `crashes = 1`"
                }
                _ => "with a `queue` of zero nothing could wait; write `overflow = \"reject\"` without a `queue`",
            };
            diagnostics.error(digits, message);
            None
        }
        Ok(count) => Some(count),
        Err(_) => {
            diagnostics.error(digits, format!("`{digits}` is too large for `{key}`"));
            None
        }
    }
}

pub(super) fn expression(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let expression = value.expression();
    if expression.is_none() {
        value.unexpected(key, &format!("a supervisor, as in `{key} = &SUPERVISOR`"), diagnostics);
    }
    expression.cloned()
}

pub(super) fn path(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Path> {
    match value.expression() {
        Some(Expr::Path(ExprPath { qself: None, path, .. }))
            if path.segments.iter().all(|it| it.arguments.is_none()) =>
        {
            Some(path.clone())
        }
        _ => {
            let expected =
                format!("the path under which `detached` is known here, as in `{key} = ::my_facade::detached`");
            value.unexpected(key, &expected, diagnostics);
            None
        }
    }
}
