//! How the parameters are called outside of the body.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident};
use syn::Attribute;

use super::parameter::Parameter;
use crate::tokens::{first_span, generated_at, own_name, words};
use crate::written::{Options, Timeout};

/// Names the parameters of the new signature as the user did, so that the documentation shows the same names; a
/// pattern gets a number. A parameter named in `elsewhere` (the expression of an option, another attribute) keeps the
/// user's own name, because its value is asked for from there.
pub(crate) fn name_outside(parameters: &mut [Parameter], elsewhere: &HashSet<String>) {
    let mut taken = HashSet::new();
    for (index, parameter) in parameters.iter_mut().enumerate() {
        let numbered = || format_ident!("__arg{index}", span = generated_at(first_span(&parameter.pattern)));
        let outer = match parameter.plain_name() {
            // Names with two underscores are the macro's.
            Some(name) if name.to_string().starts_with("__") => numbered(),
            Some(name) if elsewhere.contains(&name.to_string()) => name.clone(),
            // Two of the same spelling come from two macros; ours would be one and the same.
            Some(name) if taken.insert(name.to_string()) => own_name(name),
            _ => numbered(),
        };
        parameter.outer = outer;
    }
}

/// What is named outside of the body: by the expressions of the options and by the other attributes.
pub(crate) fn named_elsewhere(attributes: &[Attribute], options: &Options) -> HashSet<String> {
    let mut tokens = TokenStream::new();
    if let Some(Timeout::Computed(expression)) = options.timeout.value() {
        expression.to_tokens(&mut tokens);
    }
    options.supervisor.value().to_tokens(&mut tokens);
    for attribute in attributes {
        attribute.meta.to_tokens(&mut tokens);
    }
    words(tokens).into_iter().collect()
}
