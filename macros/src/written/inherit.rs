//! The list of values a task may know of its origin: names as text, and paths of typed keys.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr, Path};

use super::value::Value;
use crate::diagnostics::Diagnostics;
use crate::tokens::ungrouped_expression;

pub(crate) enum Inherited {
    Name(InheritedName),
    Key { path: Path, optional: bool },
}

/// `"user_id"`, or `"user_id?"`.
#[derive(Clone)]
pub(crate) struct InheritedName {
    pub(crate) name: String,
    pub(crate) optional: bool,
    pub(crate) written: LitStr,
}

pub(super) fn parse(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Vec<Inherited>> {
    let Some(Expr::Array(list)) = value.expression() else {
        value.unexpected(key, &format!("a list, as in `{key} = [\"user_id\"]`"), diagnostics);
        return None;
    };
    let mut seen = Vec::new();
    let mut inherited = Vec::new();
    for element in &list.elems {
        let Some(entry) = entry(ungrouped_expression(element.clone()), diagnostics) else {
            continue;
        };
        let identity = entry.identity();
        if seen.contains(&identity) {
            diagnostics.error(element, format!("`{identity}` is listed twice; keep one of them"));
            continue;
        }
        seen.push(identity);
        inherited.push(entry);
    }
    Some(inherited)
}

impl Inherited {
    /// What makes two entries the same, whether optional or not.
    fn identity(&self) -> String {
        match self {
            Self::Name(name) => format!("\"{}\"", name.name),
            Self::Key { path, .. } => path.to_token_stream().to_string().replace(' ', ""),
        }
    }
}

fn entry(written: Expr, diagnostics: &mut Diagnostics) -> Option<Inherited> {
    match written {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => named(text, diagnostics).map(Inherited::Name),
        Expr::Try(asked) => keyed(ungrouped_expression(*asked.expr), true, diagnostics),
        other => keyed(other, false, diagnostics),
    }
}

fn keyed(written: Expr, optional: bool, diagnostics: &mut Diagnostics) -> Option<Inherited> {
    match written {
        Expr::Path(ExprPath { qself: None, path, .. }) => Some(Inherited::Key { path, optional }),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let name = text.value();
            diagnostics.error(&text, format!("the `?` of an optional name stands inside the quotes: `\"{name}?\"`"));
            None
        }
        other => {
            diagnostics.error(
                other,
                "expected a name in quotes or the path of a key, as in `inherit = [\"user_id\", REQUEST_ID]`",
            );
            None
        }
    }
}

fn named(written: LitStr, diagnostics: &mut Diagnostics) -> Option<InheritedName> {
    let text = written.value();
    let (name, optional) = match text.strip_suffix('?') {
        Some(name) => (name, true),
        None => (text.as_str(), false),
    };
    if name.trim().is_empty() {
        diagnostics.error(&written, "the name is blank; write the name of a value of the context, as in `\"user_id\"`");
        return None;
    }
    if name.trim() != name {
        let trimmed = name.trim();
        diagnostics.error(&written, format!("the name has white space around it; write `\"{trimmed}\"`"));
        return None;
    }
    if name.contains('?') {
        diagnostics.error(&written, format!("the name `{name}` has a `?` in it; one `?` at the end makes it optional"));
        return None;
    }
    Some(InheritedName { name: name.to_owned(), optional, written })
}
