//! Spans of generated tokens.

use proc_macro2::{Ident, Span, TokenTree};
use quote::ToTokens;

use super::ungrouped::ungrouped;

/// Shown at `place`, yet resolved as the macro's own: the user's code can neither see nor capture such a name, lints
/// know that nobody wrote it, and it is of the macro's edition.
pub(crate) fn generated_at(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

/// The name `user` as the macro's own, which is another name than the user's of the same spelling.
pub(crate) fn own_name(user: &Ident) -> Ident {
    let mut name = user.clone();
    name.set_span(generated_at(user.span()));
    name
}

/// Where the tokens begin; of what came through a macro, where it was given to it.
pub(crate) fn first_span(tokens: impl ToTokens) -> Span {
    match ungrouped(tokens).into_iter().next() {
        Some(TokenTree::Group(group)) => group.span(),
        Some(tree) => tree.span(),
        None => Span::call_site(),
    }
}

/// Where the tokens end.
pub(crate) fn last_span(tokens: impl ToTokens) -> Span {
    match ungrouped(tokens).into_iter().last() {
        Some(TokenTree::Group(group)) => group.span_close(),
        Some(tree) => tree.span(),
        None => Span::call_site(),
    }
}
