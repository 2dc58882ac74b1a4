//! Under which path generated code finds the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

/// `::detached`, or what `crate = ..` says.
pub(crate) struct RuntimePath<'a>(Option<&'a Path>);

impl<'a> RuntimePath<'a> {
    pub(crate) fn new(written: Option<&'a Path>) -> Self {
        Self(written)
    }

    /// The path, shown at `place`: an error of a generated call is shown from the first to the last token of the call.
    pub(crate) fn at(&self, place: Span) -> TokenStream {
        let Some(path) = self.0 else {
            return quote_spanned!(place=> ::detached);
        };
        let tokens = path.to_token_stream().into_iter();
        tokens
            .map(|mut tree| {
                tree.set_span(tree.span().located_at(place));
                tree
            })
            .collect()
    }
}
