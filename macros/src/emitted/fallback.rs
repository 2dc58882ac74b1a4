//! What stands in the function's place when it breaks a rule.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};

use super::runtime_path::RuntimePath;
use super::{durable, return_type, signature};
use crate::attributed::{BackgroundFunction, Parameter, Role};
use crate::diagnostics::Errors;
use crate::tokens::generated_at;
use crate::written::Options;

/// The errors, beside a function that has its final signature, so that its callers are right, and its body, so that the
/// compiler goes on to check it and an editor to complete it. Nothing asks that the body could be a task.
pub(crate) fn refused(errors: &Errors, function: &BackgroundFunction, options: &Options) -> TokenStream {
    let place = generated_at(function.name().span());
    let runtime = &RuntimePath::new(options.runtime.value());
    let head = signature::head(function, runtime);
    // In an `impl` block, which a `self` is a sign of, there is no place for it.
    let is_named = function.is_stored && function.receiver.is_none();
    let (named, unnamed) = if is_named { durable::refused(function, runtime) } else { Default::default() };
    let Some(body) = &function.body else {
        return quote!(#errors #head;);
    };
    let bound: TokenStream = function.parameters.iter().map(|parameter| bind(parameter, runtime)).collect();
    let pin = return_type::pin(function, runtime);
    // In generated parentheses the compiler does not call the user's braces unnecessary.
    let block = &body.block;
    let at_name = runtime.at(place);
    let stored = function.is_stored.then(|| quote_spanned!(place=> durable::));
    let shim = signature::braced(
        function,
        &quote_spanned! {place=>
            #unnamed
            #at_name::private::#stored refused(async move {
                #bound
                #pin
                (#block)
            })
        },
    );
    quote!(#errors #named #head #shim)
}

/// The error, beside an item that is no function.
pub(crate) fn refused_item(errors: &Errors, item: &TokenStream) -> TokenStream {
    quote!(#errors #item)
}

fn bind(parameter: &Parameter, runtime: &RuntimePath<'_>) -> TokenStream {
    let Parameter { attributes, pattern, ty, role, outer } = parameter;
    let place = generated_at(outer.span());
    let runtime = runtime.at(place);
    let (everywhere, levels) = (&attributes.everywhere, &attributes.binding);
    let value = match role {
        Role::Inherited(_) | Role::State => quote_spanned!(place=> #runtime::private::never::<#ty>()),
        _ => outer.to_token_stream(),
    };
    quote_spanned!(place=> #(#everywhere)* #(#levels)* let #pattern = #value;)
}
