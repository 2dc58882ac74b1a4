//! A function that is refused as a whole, without what only a background function has: attributes of ours on its parameters.

use proc_macro2::{Group, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, FnArg, PatType};

use super::async_function::AsyncFunction;
use super::parameter_attributes::{Marker, ParameterAttributes};
use crate::diagnostics::Diagnostics;
use crate::tokens::generated_at;

/// The callers do not pass what is inherited; the body has it from nowhere.
pub(super) fn unmarked(mut function: AsyncFunction) -> AsyncFunction {
    let mut bound = TokenStream::new();
    for input in std::mem::take(&mut function.signature.inputs) {
        match input {
            FnArg::Typed(parameter) if is_filled(&parameter.attrs) => bound.extend(binding(&parameter)),
            FnArg::Typed(mut parameter) => {
                parameter.attrs.retain(|attribute| marker(attribute).is_none());
                function.signature.inputs.push(FnArg::Typed(parameter));
            }
            receiver @ FnArg::Receiver(_) => function.signature.inputs.push(receiver),
        }
    }
    if let Some(body) = &mut function.body {
        let (inner_attributes, rest) = (&body.inner_attributes, body.block.stream());
        let mut written = Group::new(body.written.delimiter(), quote!(#inner_attributes #bound #rest));
        written.set_span(body.written.span());
        body.written = written;
    }
    function
}

fn is_filled(attributes: &[Attribute]) -> bool {
    let first = attributes.iter().find_map(marker);
    matches!(first, Some(Marker::Inherit(_) | Marker::State(_)))
}

fn marker(attribute: &Attribute) -> Option<Marker> {
    let mut diagnostics = Diagnostics::new();
    let (_, markers) = ParameterAttributes::sort(std::slice::from_ref(attribute), &mut diagnostics);
    // The function is refused; what else is wrong with it is said when it is no more.
    drop(diagnostics.finish());
    markers.into_iter().next()
}

fn binding(parameter: &PatType) -> TokenStream {
    let PatType { pat, ty, .. } = parameter;
    let place = generated_at(parameter.colon_token.span);
    quote_spanned!(place=> let #pat: #ty = ::core::option::Option::None.unwrap();)
}
