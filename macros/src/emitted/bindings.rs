//! From the parameters of the shim to those that the body sees.
//!
//! A plain `async fn` moves its parameters into the future, binds them there in order, and drops them in the opposite
//! order after all that the body made. So does the block that is generated here.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;

use super::runtime_path::RuntimePath;
use super::self_name::rename_self;
use crate::attributed::{BackgroundFunction, Parameter, Receiver, Role};
use crate::tokens::generated_at;

/// What `self` is called in the body of a method whose `self` can't stay what it is. It has the user's hygiene, as `self`
/// has, so that lints and messages see the user's expression. So it could clash with an item of the user's; but a `self` that
/// ends in a character nobody sees is a name that nobody writes, and one that messages and editors show as `self`.
const SELF: &str = "self\u{fe0f}";

/// In the caller: a copy of each thing borrowed.
pub(crate) fn own(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    if is_self_renamed(function) {
        introduce(SELF);
    }
    let receiver = borrowed_self(function).map(|receiver| {
        let this = receiver.written.self_token;
        let place = generated_at(this.span);
        let (owned, private) = (Ident::new(SELF, place), runtime.private(place));
        quote_spanned!(place=> let #owned = #private::borrowed(#this).__detached_copy();)
    });
    let parameters = function.parameters.iter().filter_map(|parameter| {
        let Role::Borrowed = parameter.role else {
            return None;
        };
        // At the type, because a type that can't be copied is an error of this call.
        let borrowed = parameter.outer_at_type();
        let place = generated_at(borrowed.span());
        let private = runtime.private(place);
        let (everywhere, outer) = (&parameter.attributes.everywhere, &parameter.outer);
        Some(quote_spanned!(place=> #(#everywhere)* let #outer = #private::borrowed(#borrowed).__detached_copy();))
    });
    receiver.into_iter().chain(parameters).collect()
}

/// Tells the compiler a name. Its lints speak of one where it was seen first, and do not where that was in a macro.
fn introduce(name: &str) {
    let seen = TokenTree::from(Ident::new(name, Span::mixed_site()));
    drop(TokenStream::from(seen));
}

/// In the task: what the body sees, under the user's names and patterns.
pub(crate) fn bind(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let receiver = function.receiver.iter().map(|receiver| bind_receiver(receiver, runtime));
    let parameters = function.parameters.iter().map(|parameter| bind_parameter(parameter, runtime));
    receiver.chain(parameters).collect()
}

fn bind_receiver(receiver: &Receiver, runtime: &RuntimePath<'_>) -> TokenStream {
    let (mutability, this) = (receiver.written.mutability, receiver.written.self_token);
    let place = generated_at(this.span);
    let private = runtime.private(place);
    let (seen, owned) = (Ident::new(SELF, this.span), Ident::new(SELF, place));
    let bound = if receiver.borrowed {
        quote_spanned!(place=> let #mutability #seen = #private::lend(&#owned);)
    } else if receiver.is_renamed() {
        quote_spanned!(place=> let #mutability #seen = #this;)
    } else {
        TokenStream::new()
    };
    // A variable that no body has to mention, as `self` is. And a `self` that is captured is so as a whole: it outlives
    // all other parameters.
    let mentioned = if receiver.is_renamed() { seen.to_token_stream() } else { this.to_token_stream() };
    quote_spanned!(place=> #bound let _ = &#mentioned;)
}

fn bind_parameter(parameter: &Parameter, runtime: &RuntimePath<'_>) -> TokenStream {
    let Parameter { attributes, pattern, role, outer, .. } = parameter;
    let place = generated_at(pattern.span());
    let (runtime, private) = (runtime.public(place), runtime.private(place));
    let (everywhere, levels) = (&attributes.everywhere, &attributes.binding);
    let value = match role {
        Role::Borrowed => quote_spanned!(place=> #private::lend(&#outer)),
        Role::Context if parameter.is_reference() => {
            quote_spanned!(place=> &<#runtime::Context>::current())
        }
        Role::Context => quote_spanned!(place=> <#runtime::Context>::current()),
        Role::Inherited(_) => quote_spanned!(place=> #private::inherited(#outer)),
        Role::Owned | Role::State if parameter.is_marked_unused() => {
            // Else clippy finds that the binding does nothing.
            quote_spanned!(place=> ::core::convert::identity(#outer))
        }
        Role::Owned | Role::State => outer.to_token_stream(),
    };
    // A pattern may leave parts of its value behind, or all of it; they last as long as the parameter. It may borrow
    // mutably from it.
    let whole = (matches!(role, Role::Owned | Role::Inherited(_) | Role::State) && parameter.plain_name().is_none())
        .then(|| quote_spanned!(place=> #(#everywhere)* let mut #outer = #outer;));
    quote_spanned!(place=> #whole #(#everywhere)* #(#levels)* let #pattern = #value;)
}

/// The body, as the tail of the task's block.
///
/// The block around it has the macro's own edition, in which a block's temporaries are dropped before its variables; so a
/// tail that borrows from a parameter is right in each edition of the user's, as it is in a function. In generated
/// parentheses the compiler does not call the user's braces unnecessary.
pub(crate) fn body(function: &BackgroundFunction) -> TokenStream {
    let place = generated_at(function.name().span());
    let block = function.body.iter().map(|body| body.block.to_token_stream()).collect();
    let block = if is_self_renamed(function) { rename_self(block, SELF) } else { block };
    quote_spanned!(place=> (#block))
}

fn is_self_renamed(function: &BackgroundFunction) -> bool {
    function.receiver.as_ref().is_some_and(Receiver::is_renamed)
}

fn borrowed_self(function: &BackgroundFunction) -> Option<&Receiver> {
    function.receiver.as_ref().filter(|receiver| receiver.borrowed)
}
