//! What stands in the function's place when it breaks a rule.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};

use super::call::expressions;
use super::descriptor::limit;
use super::runtime_path::RuntimePath;
use super::{durable, inheritance, named_borrows, return_type, signature, unique};
use crate::attributed::{BackgroundFunction, Parameter, Refused, Role};
use crate::diagnostics::Errors;
use crate::tokens::generated_at;
use crate::written::Options;

/// A function that has its final signature, so that its callers are right, and its body and the expressions of its options, so
/// that the compiler goes on to check them and an editor to complete them. Nothing asks that the body could be a task.
///
/// The errors are in a module of their own: the compiler says nothing of unknown names in a module that an error was emitted
/// into, and these are mistakes too.
pub(crate) fn refused(errors: &Errors, mut function: BackgroundFunction, options: &Options) -> TokenStream {
    named_borrows::name(&mut function);
    let function = &function;
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
    let unique = unique::checked(function);
    let expressions = expressions(options, runtime);
    let limit = limit(options)
        .filter(|_| function.limit_is_right)
        .map(|limit| quote_spanned!(place=> let _: fn() -> usize = { #limit __limit };));
    let captured = checked_paths(function, options, runtime);
    let pin = return_type::pin(function, runtime);
    // In generated parentheses the compiler does not call the user's braces unnecessary.
    let block = &body.block;
    let body = quote_spanned! {place=>
        async move {
            #bound
            #pin
            (#block)
        }
    };
    let refused = return_type::refuse(function, &body, runtime);
    let shim = signature::braced(
        function,
        &quote_spanned! {place=>
            mod __errors { #errors }
            #unnamed
            #unique
            #expressions
            #limit
            #captured
            #refused
        },
    );
    quote!(#named #head #shim)
}

/// The error, beside what is no function.
pub(crate) fn refused_item(refused: Refused) -> TokenStream {
    let Refused { error, beside } = refused;
    let errors = Errors::from(error);
    quote!(#errors #beside)
}

/// The paths of what is inherited, each of the right type, in a call that is never made.
fn checked_paths(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    if function.is_stored {
        return durable::checked_paths(function, options, runtime);
    }
    let captured = inheritance::captured(function, options, runtime);
    if captured.is_empty() {
        return captured;
    }
    let place = generated_at(function.name().span());
    let private = runtime.private(place);
    quote_spanned! {place=>
        if false {
            let mut __call = #private::never::<#private::Call>();
            #captured
        }
    }
}

fn bind(parameter: &Parameter, runtime: &RuntimePath<'_>) -> TokenStream {
    let Parameter { attributes, pattern, ty, role, outer } = parameter;
    let place = generated_at(outer.span());
    let private = runtime.private(place);
    let (everywhere, levels) = (&attributes.everywhere, &attributes.binding);
    let value = match role {
        Role::Inherited(_) | Role::State => quote_spanned!(place=> #private::never::<#ty>()),
        _ => outer.to_token_stream(),
    };
    quote_spanned!(place=> #(#everywhere)* #(#levels)* let #pattern = #value;)
}
