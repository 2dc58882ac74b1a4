//! What a task keeps of its origin: what its carriers capture, and the values of its `#[inherit]` parameters.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, Path};

use super::runtime_path::RuntimePath;
use crate::attributed::{BackgroundFunction, InheritedBy, InheritedParameter, Parameter};
use crate::tokens::{generated_at, printed};
use crate::written::{Inherited, Options};

/// Whether a parameter is inherited, which is taken out of the call before the body is made.
pub(crate) fn has_parameters(function: &BackgroundFunction) -> bool {
    inherited_parameters(function).next().is_some()
}

/// What is captured by a path, of the list and of the parameters; before anything can reject the call, so that its first
/// report knows the names and values of all. At the path, which may be of the wrong type.
///
/// Not by a method call, which a trait of the user's could answer with a method of the same name; where there is one in
/// generated code, it is by value, or of an unlikely name.
pub(crate) fn captured(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let captured = carriers(options).map(|(path, optional)| {
        let place = generated_at(path.span());
        let private = runtime.private(place);
        let label = printed(path);
        let capture = if optional {
            quote_spanned!(place=> capture_optional(&mut __call, &#path))
        } else {
            quote_spanned!(place=> capture(&mut __call, #label, &#path))
        };
        quote_spanned!(place=> <#private::Call>::#capture;)
    });
    captured.chain([named(function, runtime)]).collect()
}

/// The names of the keys that parameters go by, each in the parameter's place.
pub(crate) fn named(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let parameters =
        inherited_parameters(function).filter_map(|(parameter, InheritedParameter { by, value, optional })| {
            let InheritedBy::Key(path) = by else {
                return None;
            };
            let place = generated_at(path.span());
            let private = runtime.private(place);
            let (everywhere, outer) = (&parameter.attributes.everywhere, &parameter.outer);
            let named = if *optional { quote_spanned!(place=> optional_named) } else { quote_spanned!(place=> named) };
            let name = quote_spanned!(place=> <#private::Call>::#named::<#value>(&mut __call, #path));
            Some(quote_spanned!(place=> #(#everywhere)* let #outer = #name;))
        });
    parameters.collect()
}

/// The inherited parameters, out of the snapshot. One that goes by a key has been given the key's name. The call remembers
/// one that is not there, and is refused with all that was given to it: nothing of the caller's is dropped here.
pub(crate) fn inherited(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let parameters = inherited_parameters(function).map(|(parameter, inherited)| {
        let place = generated_at(parameter.ty.span());
        let private = runtime.private(place);
        let (everywhere, outer) = (&parameter.attributes.everywhere, &parameter.outer);
        let InheritedParameter { by, value, optional } = inherited;
        let name = match by {
            InheritedBy::Name(name) => name.to_token_stream(),
            InheritedBy::Key(_) => outer.to_token_stream(),
        };
        let lookup = if *optional { quote_spanned!(place=> optional_value) } else { quote_spanned!(place=> value) };
        let found = quote_spanned!(place=> <#private::Call>::#lookup::<#value>(&mut __call, #name));
        quote_spanned!(place=> #(#everywhere)* let #outer = #found;)
    });
    parameters.collect()
}

fn inherited_parameters(function: &BackgroundFunction) -> impl Iterator<Item = (&Parameter, &InheritedParameter)> {
    function.parameters.iter().filter_map(|parameter| Some((parameter, parameter.role.inherited()?)))
}

/// The paths of the list and of the parameters, whether what each carries may be absent, and what that depends on.
pub(crate) fn stored<'a>(
    function: &'a BackgroundFunction,
    options: &'a Options,
) -> impl Iterator<Item = (&'a Path, bool, &'a [Attribute])> {
    let parameters = inherited_parameters(function).filter_map(|(parameter, inherited)| match &inherited.by {
        InheritedBy::Key(path) => Some((path, inherited.optional, &parameter.attributes.everywhere[..])),
        InheritedBy::Name(_) => None,
    });
    carriers(options).map(|(path, optional)| (path, optional, &[][..])).chain(parameters)
}

/// The paths of the list, and whether what each carries may be absent.
fn carriers(options: &Options) -> impl Iterator<Item = (&Path, bool)> {
    let listed = options.inherit.value().into_iter().flatten();
    listed.filter_map(|entry| match entry {
        Inherited::Key { path, optional } => Some((path, *optional)),
        Inherited::Name(_) => None,
    })
}
