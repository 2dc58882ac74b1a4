//! Under which path generated code finds the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Path;

/// `::detached`, or what `crate = ..` says.
pub(crate) fn runtime_path(written: Option<&Path>, span: Span) -> TokenStream {
    match written {
        Some(path) => path.to_token_stream(),
        None => quote_spanned!(span=> ::detached),
    }
}
