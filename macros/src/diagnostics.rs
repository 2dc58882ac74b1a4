//! Collects every mistake of one attributed function, so that three mistakes give three errors.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

use crate::tokens::ungrouped;

/// What was found wrong so far. It has to be read with [`Diagnostics::finish`]: an error that was found and then
/// forgotten would let a wrong program through.
pub(crate) struct Diagnostics {
    /// `None` once read.
    errors: Option<Vec<syn::Error>>,
}

/// At least one error, in the order found.
#[derive(Debug)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Diagnostics {
    pub(crate) fn new() -> Self {
        Self { errors: Some(Vec::new()) }
    }

    /// An error that underlines all of `tokens`.
    pub(crate) fn error(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(error_at(tokens, message));
    }

    /// An error at a place that is no token of the user, such as the attribute as a whole.
    pub(crate) fn error_at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.errors.get_or_insert_default().push(error);
    }

    pub(crate) fn count(&self) -> usize {
        self.errors.as_ref().map_or(0, Vec::len)
    }

    pub(crate) fn finish(mut self) -> Result<(), Errors> {
        match self.errors.take() {
            Some(errors) if !errors.is_empty() => Err(Errors(errors)),
            _ => Ok(()),
        }
    }
}

/// An error that underlines all of `tokens`; if they came through a macro, where they were given to it.
pub(crate) fn error_at(tokens: impl ToTokens, message: impl Display) -> syn::Error {
    syn::Error::new_spanned(ungrouped(tokens), message)
}

impl From<syn::Error> for Errors {
    fn from(error: syn::Error) -> Self {
        Self(vec![error])
    }
}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        debug_assert!(self.errors.is_none() || std::thread::panicking(), "the diagnostics were dropped unread");
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().map(syn::Error::to_compile_error));
    }
}

#[cfg(test)]
impl Errors {
    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}
