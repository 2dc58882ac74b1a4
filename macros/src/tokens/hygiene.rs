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
    edges(tokens).0
}

/// Where the tokens end.
pub(crate) fn last_span(tokens: impl ToTokens) -> Span {
    edges(tokens).1
}

/// Both, of tokens that are read once.
pub(crate) fn edges(tokens: impl ToTokens) -> (Span, Span) {
    seen_edges(tokens.into_token_stream()).unwrap_or_else(|| (Span::call_site(), Span::call_site()))
}

/// Out of invisible groups.
fn seen_edges(tokens: TokenStream) -> Option<(Span, Span)> {
    let edges = |tree: TokenTree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => seen_edges(group.stream()),
        TokenTree::Group(group) => Some((group.span(), group.span_close())),
        tree => Some((tree.span(), tree.span())),
    };
    tokens.into_iter().filter_map(edges).reduce(|(first, _), (_, last)| (first, last))
}
