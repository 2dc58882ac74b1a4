//! What a task keeps of its origin: what its carriers capture, and the values of its `#[inherit]` parameters.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, Path};

use super::runtime_path::RuntimePath;
use crate::attributed::{BackgroundFunction, InheritedBy, InheritedParameter, Parameter};
use crate::tokens::{generated_at, printed};
use crate::written::{Inherited, Options};

/// Whether anything is taken out of the call after it began, which has to be mutable then.
pub(crate) fn takes_snapshot(function: &BackgroundFunction, options: &Options) -> bool {
    inherited_parameters(function).next().is_some() || carriers(function, options).next().is_some()
}

/// What the carriers capture; before anything can reject the call, so that its first report knows the names and values of
/// all of them. At the carrier, which may be of a type that is none.
///
/// Not by a method call, which a trait of the user's could answer with a method of the same name; where there is one in
/// generated code, it is by value, or of an unlikely name.
pub(crate) fn captured(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let captured = carriers(function, options).map(|Carrier { path, optional, cfg }| {
        let place = generated_at(path.span());
        let runtime = runtime.at(place);
        let label = printed(path);
        let capture = if optional {
            quote_spanned!(place=> capture_optional(&mut __call, &#path))
        } else {
            quote_spanned!(place=> capture(&mut __call, #label, &#path))
        };
        quote_spanned!(place=> #(#cfg)* #runtime::private::Call::#capture;)
    });
    captured.collect()
}

/// The inherited parameters, out of the snapshot.
pub(crate) fn inherited(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let parameters = inherited_parameters(function).map(|(parameter, inherited)| {
        let place = generated_at(parameter.ty.span());
        let runtime = runtime.at(place);
        let (everywhere, outer) = (&parameter.attributes.everywhere, &parameter.outer);
        let InheritedParameter { by, value, optional } = inherited;
        let name = match by {
            InheritedBy::Name(name) => name.to_token_stream(),
            InheritedBy::Key(path) => path.to_token_stream(),
        };
        let lookup = if *optional { quote_spanned!(place=> optional_value) } else { quote_spanned!(place=> value) };
        let found = quote_spanned!(place=> #runtime::private::Call::#lookup::<#value>(&mut __call, #name));
        quote_spanned! {place=>
            #(#everywhere)*
            let ::core::option::Option::Some(#outer) = #found else {
                return __call.reject();
            };
        }
    });
    parameters.collect()
}

fn inherited_parameters(function: &BackgroundFunction) -> impl Iterator<Item = (&Parameter, &InheritedParameter)> {
    function.parameters.iter().filter_map(|parameter| Some((parameter, parameter.role.inherited()?)))
}

/// What is inherited by its path.
struct Carrier<'a> {
    path: &'a Path,
    optional: bool,
    cfg: &'a [Attribute],
}

/// Those of the list, then those of the parameters.
fn carriers<'a>(function: &'a BackgroundFunction, options: &'a Options) -> impl Iterator<Item = Carrier<'a>> {
    let listed = options.inherit.value().into_iter().flatten().filter_map(|entry| match entry {
        Inherited::Key { path, optional } => Some(Carrier { path, optional: *optional, cfg: &[] }),
        Inherited::Name(_) => None,
    });
    let parameters = inherited_parameters(function).filter_map(|(parameter, inherited)| match &inherited.by {
        InheritedBy::Key(path) => {
            Some(Carrier { path, optional: inherited.optional, cfg: &parameter.attributes.everywhere })
        }
        InheritedBy::Name(_) => None,
    });
    listed.chain(parameters)
}
