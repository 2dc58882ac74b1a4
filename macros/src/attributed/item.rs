//! The item under the attribute: an `async fn` to check, or why it can be no background function.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::Signature;

use super::async_function::AsyncFunction;
use super::entry_point;
use super::other_item::other_item;
use super::returned::{boxed_future_in, task_in};
use super::unmarked::unmarked;
use crate::diagnostics::error_at;
use crate::tokens::{printed, ungrouped_item, words};

/// What can be no background function, whatever is changed in it.
pub(crate) struct Refused {
    pub(crate) error: syn::Error,
    /// What stands beside the error.
    pub(crate) beside: TokenStream,
}

pub(crate) fn parse(item: TokenStream) -> Result<AsyncFunction, Refused> {
    let item = ungrouped_item(item);
    let function = AsyncFunction::read(item.clone()).map_err(|error| no_function(item, error))?;
    if let Some(error) = entry_point::refused(&function) {
        return Err(Refused { error, beside: entry_point::in_its_place(&unmarked(function)) });
    }
    match boxed_future(&function.signature).or_else(|| task(&function.signature)) {
        Some(error) => Err(Refused { error, beside: unmarked(function).to_token_stream() }),
        None => Ok(function),
    }
}

fn no_function(item: TokenStream, error: syn::Error) -> Refused {
    let Some(other) = other_item(item.clone()) else {
        return Refused { error, beside: item };
    };
    let error = error_at(other.token, format!("`#[background]` goes on an `async fn`; found {}", other.kind));
    Refused { error, beside: if other.is_expression { TokenStream::new() } else { item } }
}

/// What another attribute has made of an `async fn`, or what is written by hand.
fn boxed_future(signature: &Signature) -> Option<syn::Error> {
    let awaited = boxed_future_in(&signature.output).filter(|_| signature.asyncness.is_none())?;
    let name = &signature.ident;
    let advice = match lifetime_of_another_macro(signature).as_deref() {
        Some("async_trait") => format!(
            ", as `#[async_trait]` makes it do: leave that out, and declare `fn {name}(..) -> detached::Task<T>` in the \
             trait"
        ),
        Some("async_recursion") => {
            ", as `#[async_recursion]` makes it do: leave that out, each call is a task of its own".to_owned()
        }
        _ => {
            let awaited = printed(awaited);
            format!("; write `async fn {name}(..) -> {awaited}`, and leave out an attribute that boxes it")
        }
    };
    let message = format!("`#[background]` needs an `async fn`; `{name}` returns a boxed future{advice}");
    Some(error_at(signature.fn_token, message))
}

/// What is background work already.
fn task(signature: &Signature) -> Option<syn::Error> {
    let given = task_in(&signature.output).filter(|_| signature.asyncness.is_none())?;
    let (name, given) = (&signature.ident, printed(given));
    let message = format!(
        "`#[background]` needs an `async fn`; `{name}` returns a task already: leave the attribute out, or write \
         `async fn {name}(..) -> {given}`"
    );
    Some(error_at(signature.fn_token, message))
}

/// The macros that box a future name its lifetime after themselves.
fn lifetime_of_another_macro(signature: &Signature) -> Option<String> {
    words(signature.to_token_stream()).into_iter().find(|word| word == "async_trait" || word == "async_recursion")
}
