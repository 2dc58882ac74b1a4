//! What a `macro_rules!` fragment came in is an invisible group; a rule looks at what is inside.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Type};

/// The item, out of the invisible group that an `$item:item` fragment comes in.
pub(crate) fn ungrouped_item(item: TokenStream) -> TokenStream {
    let mut trees = item.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => ungrouped_item(group.stream()),
        _ => item,
    }
}

/// The braces, out of the invisible group that a `$body:block` fragment comes in.
pub(crate) fn ungrouped_block(tree: TokenTree) -> Option<Group> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let mut inside = group.stream().into_iter();
            let only = inside.next()?;
            inside.next().is_none().then(|| ungrouped_block(only))?
        }
        _ => None,
    }
}

/// The expression, out of groups and parentheses.
pub(crate) fn ungrouped_expression(written: Expr) -> Expr {
    match written {
        Expr::Group(group) => ungrouped_expression(*group.expr),
        Expr::Paren(paren) => ungrouped_expression(*paren.expr),
        other => other,
    }
}

/// The type, out of groups and parentheses.
pub(crate) fn ungrouped_type(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped_type(&group.elem),
        Type::Paren(paren) => ungrouped_type(&paren.elem),
        other => other,
    }
}

/// The tokens, out of all invisible groups: those of a fragment where the fragment was written, and not where it is named.
pub(crate) fn ungrouped(tokens: impl ToTokens) -> TokenStream {
    let trees = tokens.into_token_stream().into_iter();
    trees
        .flat_map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => ungrouped(group.stream()),
            tree => tree.into(),
        })
        .collect()
}
