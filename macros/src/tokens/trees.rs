//! Tokens that are read one by one, where no grammar says what to make of a broken one.

use proc_macro2::{Delimiter, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, ExprLit, Lit};

use super::printed::printed;

pub(crate) fn is_punct(tree: &TokenTree, mark: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == mark)
}

/// The expression that the trees are.
pub(crate) fn expression(trees: &[TokenTree]) -> Option<Expr> {
    match trees {
        // Most are a text, for which no parser is needed.
        [TokenTree::Literal(literal)] => Some(Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::new(literal.clone()) })),
        _ => syn::parse2(trees.iter().cloned().collect()).ok(),
    }
}

/// The expression that the trees begin with, and how many of them it takes, if they begin with one.
pub(crate) fn leading_expression(trees: &[TokenTree]) -> Option<(Expr, usize)> {
    let alone = trees.get(1).is_none_or(|next| is_punct(next, ','));
    if alone && !trees.is_empty() {
        return Some((expression(&trees[..1])?, 1));
    }
    let with_rest = |input: ParseStream<'_>| Ok((input.parse::<Expr>()?, input.parse::<TokenStream>()?));
    let (expression, rest) = with_rest.parse2(trees.iter().cloned().collect()).ok()?;
    let length = trees.len().checked_sub(rest.into_iter().count()).filter(|length| *length > 0)?;
    Some((expression, length))
}

/// The token; in place of a group, some token where it begins.
pub(crate) fn beginning(tree: &TokenTree) -> TokenStream {
    match tree {
        TokenTree::Group(group) => {
            let mut mark = Punct::new('.', Spacing::Alone);
            mark.set_span(group.span_open());
            mark.into_token_stream()
        }
        tree => tree.to_token_stream(),
    }
}

/// The same, as a message shows it.
pub(crate) fn opening(tree: &TokenTree) -> String {
    match tree {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Parenthesis => "(".to_owned(),
            Delimiter::Bracket => "[".to_owned(),
            Delimiter::Brace => "{".to_owned(),
            Delimiter::None => printed(tree),
        },
        tree => tree.to_string(),
    }
}
