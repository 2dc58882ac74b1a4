//! Other attribute macros on the same function.
//!
//! Macros expand from the first to the last, so one below `#[background]` would see a function that is `async` no longer,
//! and returns a task. `#[instrument]` is about the run of the body wherever it stands; so it goes first.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Attribute;

use super::runtime_path::RuntimePath;
use crate::attributed::AsyncFunction;
use crate::tokens::generated_at;
use crate::written::Options;

/// ```text
/// #[background(..)] #[must_use] #[tracing::instrument] async fn run() {}
/// #[tracing::instrument] #[::detached::background(..)] #[must_use] async fn run() {}
/// ```
pub(crate) fn instrument_first(
    attribute: &TokenStream,
    options: &Options,
    function: &AsyncFunction,
) -> Option<TokenStream> {
    let (instrument, others): (Vec<_>, Vec<_>) = function.attributes.iter().partition(|it| is_instrument(it));
    if instrument.is_empty() {
        return None;
    }
    let AsyncFunction { visibility, signature, body, .. } = function;
    let place = generated_at(signature.ident.span());
    let runtime = RuntimePath::new(options.runtime.value()).at(place);
    let background = quote_spanned!(place=> #[#runtime::background(#attribute)]);
    let body = body.as_ref()?.written.to_token_stream();
    Some(quote!(#(#instrument)* #background #(#others)* #visibility #signature #body))
}

fn is_instrument(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "instrument")
}
