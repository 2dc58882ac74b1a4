//! Under which path generated code finds the runtime.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

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
    pub(crate) fn private(&self, place: Span) -> TokenStream {
        let Some(path) = self.0 else {
            let detached = at_attribute();
            return quote_spanned!(place=> ::#detached::private);
        };
        let path = self.begun_at(path, place);
        let private = Ident::new("private", last_span(self.0));
        quote_spanned!(place=> #path::#private)
    }

    /// The path of what users name as well, shown at `place`.
    pub(crate) fn public(&self, place: Span) -> TokenStream {
        if self.0.is_some() {
            return self.private(place);
        }
        let detached = at_attribute();
        quote_spanned!(place=> ::#detached)
    }

    /// The path of the runtime as a whole.
    pub(crate) fn written(&self, place: Span) -> TokenStream {
        self.0.map_or_else(|| quote_spanned!(place=> ::detached), ToTokens::to_token_stream)
    }

    /// Whether the first token of a path is a word of the user's that may lead nowhere.
    pub(crate) fn begins_elsewhere(&self) -> bool {
        self.0.is_some_and(|path| path.leading_colon.is_none() && !begins_with_keyword(path))
    }

    fn begun_at(&self, path: &Path, place: Span) -> TokenStream {
        let beginning = match path.leading_colon {
            Some(_) => 2,
            None if self.begins_elsewhere() => 0,
            None => 1,
        };
        let trees = path.to_token_stream().into_iter().enumerate();
        trees
            .map(|(index, mut tree)| {
                if index < beginning {
                    tree.set_span(tree.span().located_at(place));
                }
                tree
            })
            .collect()
    }
}

/// The usual name: where it is not known, that is wrong with the attribute as a whole.
fn at_attribute() -> Ident {
    Ident::new("detached", Span::mixed_site())
}

fn begins_with_keyword(path: &Path) -> bool {
    let first = path.segments.first().map(|first| first.ident.to_string());
    first.is_some_and(|first| matches!(first.as_str(), "crate" | "self" | "super" | "$crate"))
}
