//! The elements of a list in brackets: what stands between them in place of one comma is told, and hides none of them.

use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Lit};

use super::option_name::example;
use super::value::Value;
use crate::diagnostics::Diagnostics;
use crate::tokens::{beginning, is_punct, leading_expression, opening, printed, ungrouped_expression};

pub(super) enum Element {
    Whole(Expr),
    /// No expression.
    Broken(TokenStream),
}

impl ToTokens for Element {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Whole(whole) => whole.to_tokens(tokens),
            Self::Broken(broken) => broken.to_tokens(tokens),
        }
    }
}

/// Nothing, if it is no list at all.
pub(super) fn elements(key: &Ident, value: &Value, diagnostics: &mut Diagnostics) -> Option<Vec<Element>> {
    let list = only_group(value.trees())?;
    if list.delimiter() != Delimiter::Bracket {
        let whole = TokenTree::from(list.clone());
        let found = opening(&whole);
        let right = shown(list.stream()).unwrap_or_else(|| example("inherit").to_owned());
        let message = format!("`{key}` expects a list in brackets, found `{found}`; write `{key} = {right}`");
        diagnostics.error(beginning(&whole), message);
    }
    Some(separated(list.stream(), diagnostics))
}

/// The one group that the trees are, out of invisible ones.
fn only_group(trees: &[TokenTree]) -> Option<Group> {
    match trees {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            only_group(&group.stream().into_iter().collect::<Vec<_>>())
        }
        [TokenTree::Group(group)] => Some(group.clone()),
        _ => None,
    }
}

/// The list with these elements, if it is short.
pub(super) fn shown(elements: impl ToTokens) -> Option<String> {
    let elements = printed(elements);
    let elements = elements.trim();
    (!elements.is_empty() && elements.chars().count() <= 40).then(|| format!("[{elements}]"))
}

pub(super) fn separated(list: TokenStream, diagnostics: &mut Diagnostics) -> Vec<Element> {
    let trees: Vec<_> = list.into_iter().collect();
    let mut rest = &trees[..];
    let mut elements = Vec::new();
    while let Some(first) = rest.first() {
        if is_punct(first, ',') {
            diagnostics.error(first, "expected a name or a key, found another `,`");
            rest = &rest[1..];
            continue;
        }
        let (element, length) = leading_expression(rest).map_or_else(
            || (Element::Broken(rest[..to_comma(rest)].iter().cloned().collect()), to_comma(rest)),
            |(whole, length)| (Element::Whole(ungrouped_expression(whole)), length),
        );
        elements.push(element);
        rest = after_separator(&rest[length..], diagnostics);
    }
    elements
}

/// One comma, or what else is taken for it.
fn after_separator<'a>(rest: &'a [TokenTree], diagnostics: &mut Diagnostics) -> &'a [TokenTree] {
    let Some((first, after)) = rest.split_first() else {
        return rest;
    };
    if is_punct(first, ',') {
        return after;
    }
    let found = opening(first);
    if !matches!(first, TokenTree::Punct(_)) {
        diagnostics.error(beginning(first), format!("expected `,` before `{found}`"));
        return rest;
    }
    if is_punct(first, ';') && !after.first().is_some_and(may_be_listed) {
        diagnostics.error(first, "a list holds each name once; leave out the `;` and the number behind it");
    } else {
        diagnostics.error(first, format!("expected `,` before the next name, found `{found}`"));
    }
    // What a name is compared to, its type, or how often it is there, is no name.
    let is_name = is_punct(first, ';') && matches!(after, [TokenTree::Literal(text), ..] if is_text(text));
    if is_name { after } else { rest.get(to_comma(rest) + 1..).unwrap_or_default() }
}

fn may_be_listed(tree: &TokenTree) -> bool {
    match tree {
        TokenTree::Literal(literal) => is_text(literal),
        tree => !is_punct(tree, '-'),
    }
}

fn is_text(literal: &Literal) -> bool {
    matches!(Lit::new(literal.clone()), Lit::Str(_))
}

fn to_comma(trees: &[TokenTree]) -> usize {
    trees.iter().position(|tree| is_punct(tree, ',')).unwrap_or(trees.len())
}
