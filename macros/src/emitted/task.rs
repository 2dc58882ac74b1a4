//! The block that becomes the task, and what is asked of its value.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Token;

use super::runtime_path::RuntimePath;
use super::{bindings, return_type};
use crate::attributed::BackgroundFunction;
use crate::tokens::generated_at;

/// The outer braces are the user's, as those of the function are: of a block that nobody wrote the compiler does not name the
/// variables. The inner ones are the macro's, as its edition has to be.
pub(crate) fn task(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let begin = function.name().span();
    let end = function.body.as_ref().map_or(begin, |body| body.block.span_close());
    let bound = bindings::bind(function, runtime);
    let pin = return_type::pin(function, runtime);
    let body = bindings::body(function);
    let inner = quote_spanned!(generated_at(begin)=> { #bound #pin #body });
    let mut braces = Group::new(Delimiter::Brace, inner);
    braces.set_span(end);
    let (asynchronous, moves) = (Token![async](begin), Token![move](begin));
    quote!(#asynchronous #moves #braces)
}

/// How an error in the returned value is shown. The value has to be `Send`, and is told so at the whole of the declared type:
/// an expression is shown from its first token to its last.
pub(crate) fn classify(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let (first, last) = return_type::place(function);
    let (first, last) = (generated_at(first), generated_at(last));
    let body = Ident::new("__body", generated_at(function.name().span()));
    let private = runtime.private(last);
    let classify = quote_spanned!(last=> #private::classify!(#body));
    quote_spanned!(first=> *&#classify)
}
