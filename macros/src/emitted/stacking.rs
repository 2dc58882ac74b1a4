//! Other attribute macros on the same function.
//!
//! Macros expand from the first to the last, so one below `#[background]` would see a function that is `async` no longer,
//! and returns a task. What is known to be about the run of the body goes first wherever it stands, as `#[instrument]`: it
//! would refuse that function or, worse, take the call for the run.

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
pub(crate) fn others_first(
    attribute: &TokenStream,
    options: &Options,
    function: &AsyncFunction,
) -> Option<TokenStream> {
    let (first, others): (Vec<_>, Vec<_>) = function.attributes.iter().partition(|it| is_about_the_run(it));
    if first.is_empty() {
        return None;
    }
    let AsyncFunction { visibility, signature, body, .. } = function;
    let place = generated_at(signature.ident.span());
    let runtime = RuntimePath::new(options.runtime.value()).written(place);
    let background = quote_spanned!(place=> #[#runtime::background(#attribute)]);
    let body = body.as_ref()?.written.to_token_stream();
    Some(quote!(#(#first)* #background #(#others)* #visibility #signature #body))
}

/// `tracing`'s, `fastrace`'s, `async-backtrace`'s and `cached`'s.
pub(crate) const NAMES: [&str; 6] = ["instrument", "trace", "framed", "cached", "once", "io_cached"];

fn is_about_the_run(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| NAMES.contains(&last.ident.to_string().as_str()))
}
