//! The function's new outside: what its callers and its documentation see.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{ReturnType, Token};

use super::return_type;
use super::runtime_path::RuntimePath;
use crate::attributed::{BackgroundFunction, Role};
use crate::tokens::{generated_at, words};

/// Everything before the new body but `#[track_caller]`.
///
/// ```text
/// pub async fn save<T: Row>(&self, (a, b): (T, T), #[inherit] user: User) -> Saved where T: Clone
/// pub fn save<T: Row>(&self, __arg0: (T, T)) -> ::detached::Task<Saved> where T: Clone
/// ```
pub(crate) fn head(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let BackgroundFunction { attributes, visibility, signature, .. } = function;
    let (safety, abi, fn_token) = (&signature.safety, &signature.abi, signature.fn_token);
    let (name, generics, where_clause) = (&signature.ident, &signature.generics, &signature.generics.where_clause);
    let inputs = inputs(function);
    let output = output(function, runtime);
    quote! {
        #(#attributes)*
        #visibility #safety #abi #fn_token #name #generics #inputs #output #where_clause
    }
}

/// The new body, in braces that are the user's, after the user's attributes of the whole body. From the first token of
/// the function to the last the compiler and its lints see an item that the user wrote.
pub(crate) fn braced(function: &BackgroundFunction, statements: &TokenStream) -> TokenStream {
    let body = function.body.as_ref();
    let place = body.map_or(function.name().span(), |body| body.block.span());
    let inner_attributes = body.map(|body| &body.inner_attributes);
    let mut braces = Group::new(Delimiter::Brace, quote!(#inner_attributes #statements));
    braces.set_span(place);
    braces.into_token_stream()
}

/// So that a task knows the place it was called at; written by the user, it is there already, and for a foreign ABI there
/// is no such thing.
pub(crate) fn track_caller(function: &BackgroundFunction) -> TokenStream {
    let written = function
        .attributes
        .iter()
        .any(|attribute| words(attribute.meta.to_token_stream()).iter().any(|word| word == "track_caller"));
    if written || function.signature.abi.is_some() {
        return TokenStream::new();
    }
    quote_spanned!(generated_at(function.name().span())=> #[track_caller])
}

fn inputs(function: &BackgroundFunction) -> TokenStream {
    let mut tokens = TokenStream::new();
    let receiver = function.receiver.iter().map(|receiver| {
        let mut written = receiver.written.clone();
        // Whether it has to be mutable is asked where the body's is bound.
        if let Some(mutability) = &mut written.mutability {
            mutability.span = generated_at(mutability.span);
        }
        written.to_token_stream()
    });
    let parameters = function.parameters.iter().filter_map(|parameter| {
        if matches!(parameter.role, Role::Inherited(_) | Role::State) {
            return None;
        }
        let (everywhere, attributes) = (&parameter.attributes.everywhere, &parameter.attributes.signature);
        let (outer, ty) = (&parameter.outer, &parameter.ty);
        Some(quote!(#(#everywhere)* #(#attributes)* #outer: #ty))
    });
    let inputs = receiver.chain(parameters);
    let variadic = &function.signature.variadic;
    function.signature.paren_token.surround(&mut tokens, |tokens| tokens.extend(quote!(#(#inputs,)* #variadic)));
    tokens
}

/// The arrow and the angle brackets are at the user's tokens, and as the user's: the compiler takes the span of the
/// signature, where it says what is defined here, from its first and last token.
fn output(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let none = function.signature.paren_token.span.close();
    let arrow = match &function.signature.output {
        ReturnType::Default => Token![->](none),
        ReturnType::Type(arrow, _) => *arrow,
    };
    let (place, end) = function.returned_at.unwrap_or((none, none));
    // As the user's too where the ABI is another language's: the compiler warns of what that does not know.
    let path = if function.signature.abi.is_some() { place } else { generated_at(place) };
    let at_type = runtime.public(path);
    if function.is_stored {
        let call = Ident::new("Call", end);
        let path = quote_spanned!(path=> #at_type::durable::);
        return quote!(#arrow #path #call);
    }
    let task = quote_spanned!(path=> #at_type::Task);
    let declared = return_type::declared(function, generated_at(place));
    let (open, close) = (Token![<](place), Token![>](end));
    quote!(#arrow #task #open #declared #close)
}
