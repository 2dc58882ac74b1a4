//! Under which path generated code finds the runtime.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Path, Token};

use crate::tokens::last_span;

/// `::detached`, or what `crate = ..` says.
///
/// All paths of generated code begin where it is shown: an error of a call is shown from the first to the last token of the call.
/// The segments of a written path stay where they are written, and all items are taken from one module: so a path that leads
/// nowhere is one error to the compiler, which says the same thing at the same place once. What belongs to a type is asked of the
/// type as `<path::Type>::item`: of `path::Type::item` the compiler proposes the types of that name which it knows.
pub(crate) struct RuntimePath<'a>(Option<&'a Path>);

impl<'a> RuntimePath<'a> {
    pub(crate) fn new(written: Option<&'a Path>) -> Self {
        Self(written)
    }

    /// The path of what generated code alone may name, shown at `place`.
    pub(crate) fn private(&self, place: Span) -> PathAt<'a> {
        PathAt { written: self.0, is_private: true, place }
    }

    /// The path of what users name as well, shown at `place`.
    pub(crate) fn public(&self, place: Span) -> PathAt<'a> {
        PathAt { written: self.0, is_private: self.0.is_some(), place }
    }

    /// The path of the runtime as a whole.
    pub(crate) fn written(&self, place: Span) -> TokenStream {
        self.0.map_or_else(|| quote_spanned!(place=> ::detached), ToTokens::to_token_stream)
    }

    /// Whether the first token of a path is a word of the user's that may lead nowhere.
    pub(crate) fn begins_elsewhere(&self) -> bool {
        self.0.is_some_and(begins_elsewhere)
    }
}

/// The path at one place. It is written into the tokens around it: each stream that is put into another one costs the
/// compiler some calls, and a path is the commonest piece of generated code.
pub(crate) struct PathAt<'a> {
    written: Option<&'a Path>,
    is_private: bool,
    place: Span,
}

impl ToTokens for PathAt<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let place = self.place;
        let separator = Token![::](place);
        let end = if let Some(path) = self.written {
            tokens.extend(begun_at(path, place));
            last_span(path)
        } else {
            separator.to_tokens(tokens);
            at_attribute().to_tokens(tokens);
            place
        };
        if self.is_private {
            separator.to_tokens(tokens);
            Ident::new("private", end).to_tokens(tokens);
        }
    }
}

fn begins_elsewhere(path: &Path) -> bool {
    path.leading_colon.is_none() && !begins_with_keyword(path)
}

fn begun_at(path: &Path, place: Span) -> impl Iterator<Item = TokenTree> {
    let beginning = match path.leading_colon {
        Some(_) => 2,
        None if begins_elsewhere(path) => 0,
        None => 1,
    };
    path.to_token_stream().into_iter().enumerate().map(move |(index, mut tree)| {
        if index < beginning {
            tree.set_span(tree.span().located_at(place));
        }
        tree
    })
}

/// The usual name: where it is not known, that is wrong with the attribute as a whole.
fn at_attribute() -> Ident {
    Ident::new("detached", Span::mixed_site())
}

fn begins_with_keyword(path: &Path) -> bool {
    let first = path.segments.first().map(|first| first.ident.to_string());
    first.is_some_and(|first| matches!(first.as_str(), "crate" | "self" | "super" | "$crate"))
}
