//! The list of values a task may know of its origin: names as text, and paths of typed keys.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr, Path};

use super::list::{self, Element};
use super::option_name::example;
use super::value::Value;
use crate::diagnostics::Diagnostics;
use crate::tokens::{printed, ungrouped_expression};

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
    let mut seen = Vec::new();
    let mut inherited = Vec::new();
    let Some(elements) = list::elements(key, value, diagnostics) else {
        without_brackets(key, value, diagnostics);
        return None;
    };
    for element in elements {
        let entry = match &element {
            Element::Whole(element) => entry(element, diagnostics),
            Element::Broken(element) => no_entry(element, diagnostics),
        };
        let Some(entry) = entry else {
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

/// Says how the list is written, with what is wrong in a name mended too.
fn without_brackets(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) {
    if is_wildcard(value) || value.text().is_some_and(|text| text.value().contains('*')) {
        diagnostics.error(value, NO_WILDCARD);
        return;
    }
    let mut in_brackets = Diagnostics::new();
    let elements = list::separated(value.to_token_stream(), &mut in_brackets);
    let is_list = in_brackets.finish().is_ok();
    let right: Option<Vec<_>> = elements.into_iter().map(right_entry).collect();
    let right = right.filter(|_| is_list).and_then(|entries| list::shown(quote!(#(#entries),*)));
    let right = right.unwrap_or_else(|| example("inherit").to_owned());
    diagnostics.error(value, format!("`{key}` expects a list in brackets; write `{key} = {right}`"));
}

/// As it has to be written, if it is an entry of the list.
fn right_entry(element: Element) -> Option<TokenStream> {
    let Element::Whole(written) = element else { return None };
    match &written {
        Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => Some(written.to_token_stream()),
        Expr::Path(ExprPath { qself: None, path, .. }) => {
            let name = name_without_quotes(path);
            Some(name.map_or_else(|| path.to_token_stream(), |name| name.to_token_stream()))
        }
        Expr::Try(asked) if matches!(*asked.expr, Expr::Path(_)) => Some(written.to_token_stream()),
        _ => None,
    }
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

fn entry(written: &Expr, diagnostics: &mut Diagnostics) -> Option<Inherited> {
    match written {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => named(text, diagnostics).map(Inherited::Name),
        Expr::Try(asked) => keyed(&ungrouped_expression((*asked.expr).clone()), true, diagnostics),
        other => keyed(other, false, diagnostics),
    }
}

fn keyed(written: &Expr, optional: bool, diagnostics: &mut Diagnostics) -> Option<Inherited> {
    let asked = if optional { "?" } else { "" };
    match written {
        Expr::Path(ExprPath { qself: None, path, .. }) => match name_without_quotes(path) {
            Some(name) => {
                let advice = "or a key by the path of its `static`";
                diagnostics.error(path, format!("a name stands in quotes; write `\"{name}{asked}\"`, {advice}"));
                None
            }
            None => Some(Inherited::Key { path: path.clone(), optional }),
        },
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let name = text.value();
            diagnostics.error(text, format!("the `?` of an optional name stands inside the quotes: `\"{name}?\"`"));
            None
        }
        Expr::Reference(reference) => {
            let key = printed(&reference.expr);
            diagnostics.error(written, format!("a key stands without a `&`; write `{key}{asked}`"));
            None
        }
        other => no_entry(other, diagnostics),
    }
}

/// A word that can be no `static`, as those are spelt.
fn name_without_quotes(path: &Path) -> Option<String> {
    let name = path.get_ident()?.unraw().to_string();
    (name.starts_with(char::is_lowercase) && name == name.to_lowercase()).then_some(name)
}

fn no_entry<T>(written: impl ToTokens, diagnostics: &mut Diagnostics) -> Option<T> {
    let message = if is_wildcard(&written) {
        NO_WILDCARD
    } else {
        "expected a name in quotes or the path of a key, as in `inherit = [\"user_id\", REQUEST_ID]`"
    };
    diagnostics.error(written, message);
    None
}

fn is_wildcard(written: impl ToTokens) -> bool {
    matches!(printed(written).as_str(), "*" | "_" | ".." | "...")
}

const NO_WILDCARD: &str = "a task inherits only what is listed; write each name, or a group of keys";

fn named(written: &LitStr, diagnostics: &mut Diagnostics) -> Option<InheritedName> {
    let text = written.value();
    let (name, optional) = match text.strip_suffix('?') {
        Some(name) => (name, true),
        None => (text.as_str(), false),
    };
    if name.trim().is_empty() {
        diagnostics.error(written, "the name is blank; write the name of a value of the context, as in `\"user_id\"`");
        return None;
    }
    if name.trim() != name {
        let trimmed = name.trim();
        diagnostics.error(written, format!("the name has white space around it; write `\"{trimmed}\"`"));
        return None;
    }
    if name.contains('*') {
        diagnostics.error(written, NO_WILDCARD);
        return None;
    }
    if name.contains('?') {
        diagnostics.error(written, format!("the name `{name}` has a `?` in it; one `?` at the end makes it optional"));
        return None;
    }
    Some(InheritedName { name: name.to_owned(), optional, written: written.clone() })
}
