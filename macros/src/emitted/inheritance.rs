//! What a task keeps of its origin: the values of its `#[inherit]` parameters, and those of typed keys.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::Path;
use syn::spanned::Spanned as _;

use super::runtime_path::RuntimePath;
use crate::attributed::{BackgroundFunction, InheritedParameter, Parameter, Role};
use crate::tokens::{generated_at, printed};
use crate::written::{Inherited, Options};

/// Whether anything is taken out of the call after it began, which has to be mutable then.
pub(crate) fn takes_snapshot(function: &BackgroundFunction, options: &Options) -> bool {
    inherited_parameters(function).next().is_some() || keys(options).next().is_some()
}

/// The inherited parameters, out of the snapshot. The call remembers one that is not there, and is refused with all that was
/// given to it: nothing of the caller's is dropped here.
///
/// Not by a method call, which a trait of the user's could answer with a method of the same name; where there is one in
/// generated code, it is by value, or of an unlikely name.
pub(crate) fn inherited(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let parameters = inherited_parameters(function).map(|(parameter, inherited)| {
        let place = generated_at(parameter.ty.span());
        let runtime = runtime.at(place);
        let (everywhere, outer) = (&parameter.attributes.everywhere, &parameter.outer);
        let InheritedParameter { name, value, optional } = inherited;
        let lookup = if *optional { quote_spanned!(place=> optional_value) } else { quote_spanned!(place=> value) };
        let found = quote_spanned!(place=> #runtime::private::Call::#lookup::<#value>(&mut __call, #name));
        quote_spanned!(place=> #(#everywhere)* let #outer = #found;)
    });
    parameters.collect()
}

fn inherited_parameters(function: &BackgroundFunction) -> impl Iterator<Item = (&Parameter, &InheritedParameter)> {
    function.parameters.iter().filter_map(|parameter| match &parameter.role {
        Role::Inherited(inherited) => Some((parameter, &**inherited)),
        _ => None,
    })
}

/// What the typed keys' values are captured in; before anything can reject the call, so that its first report knows the
/// names and values of all of them.
pub(crate) fn captured(options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let captured = keys(options).enumerate().map(|(index, (key, optional))| {
        let place = generated_at(key.span());
        let (captured, runtime) = (captured_at(index, key), runtime.at(place));
        let label = printed(key);
        let capture = if optional {
            quote_spanned!(place=> capture_optional(&mut __call, &#key))
        } else {
            quote_spanned!(place=> capture(&mut __call, #label, &#key))
        };
        quote_spanned!(place=> let #captured = #runtime::private::Call::#capture;)
    });
    captured.collect()
}

/// The body with the typed keys' values around it; at the key, which may be of a type that is no carrier.
pub(crate) fn carried(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let body = Ident::new("__body", generated_at(function.name().span()));
    let carried = keys(options).enumerate().map(|(index, (key, _))| {
        let place = generated_at(key.span());
        let (captured, runtime) = (captured_at(index, key), runtime.at(place));
        quote_spanned!(place=> let #body = #runtime::private::Inherit::__around(&#key, #captured, #body);)
    });
    carried.collect()
}

fn captured_at(index: usize, key: &Path) -> Ident {
    Ident::new(&format!("__captured_{index}"), generated_at(key.span()))
}

/// The typed keys, and whether each may be absent.
fn keys(options: &Options) -> impl Iterator<Item = (&Path, bool)> {
    let listed = options.inherit.value().into_iter().flatten();
    listed.filter_map(|entry| match entry {
        Inherited::Key { path, optional } => Some((path, *optional)),
        Inherited::Name(_) => None,
    })
}
