//! Spans of generated tokens.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;

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
    first(tokens.into_token_stream()).map_or_else(Span::call_site, |tree| tree.span())
}

/// Out of invisible groups.
fn first(tokens: TokenStream) -> Option<TokenTree> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => first(group.stream()),
        tree => Some(tree),
    })
}

/// Where the tokens end.
pub(crate) fn last_span(tokens: impl ToTokens) -> Span {
    match last(tokens.into_token_stream()) {
        Some(TokenTree::Group(group)) => group.span_close(),
        Some(tree) => tree.span(),
        None => Span::call_site(),
    }
}

fn last(tokens: TokenStream) -> Option<TokenTree> {
    let inside = |tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => last(group.stream()),
        tree => Some(tree),
    };
    tokens.into_iter().filter_map(inside).last()
}
