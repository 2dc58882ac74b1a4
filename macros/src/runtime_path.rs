//! Under which path generated code finds the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

/// `::detached`, or what `crate = ..` says.
pub(crate) fn runtime_path(written: Option<&Path>, span: Span) -> TokenStream {
    written.map_or_else(|| quote_spanned!(span=> ::detached), ToTokens::to_token_stream)
}
