//! The expansion of a durable function: a type that names it to a worker, what the worker runs, and a call that stores.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::call::{bounded, context, expressions};
use super::descriptor::{described, duration, limit};
use super::runtime_path::RuntimePath;
use super::task::{classify, task};
use super::{inheritance, signature, unique};
use crate::attributed::{BackgroundFunction, Parameter, Role};
use crate::tokens::{generated_at, own_name, words};
use crate::written::{Backoff, Options};

/// ```text
/// #[background(durable = "mail", timeout = "30s", inherit = [TENANT])]
/// async fn send_welcome(to: String, #[state] mailer: Mailer) -> Result<(), MailError> { body }
///
/// enum send_welcome {}
///
/// #[track_caller]
/// fn send_welcome(to: String) -> ::detached::durable::Call {
///     impl ::detached::durable::Durable for send_welcome {
///         fn description() -> &'static ::detached::durable::Description { .. }
///         fn run(__run: ::detached::private::durable::Run<'_>) -> ::detached::private::durable::Started { .. body .. }
///     }
///     let mut __call = <::detached::durable::Call>::begin::<send_welcome>();
///     <::detached::durable::Call>::inherit(&mut __call, ::detached::private::durable::storable(&TENANT), false);
///     <::detached::durable::Call>::argument(&mut __call, &::detached::private::durable::parameter::<String>(), "to", to);
///     return __call;
/// }
/// ```
///
/// What the worker runs is inside of the function, so that the lint levels and the `cfg` of the function are its own too.
pub(super) fn expand(function: &BackgroundFunction, options: &Options) -> TokenStream {
    let place = generated_at(function.name().span());
    let runtime = &RuntimePath::new(options.runtime.value());
    let track_caller = signature::track_caller(function);
    let head = signature::head(function, runtime);
    let named = named(function);
    let description = description(function, options, runtime);
    let run = run(function, options, runtime);
    let implementation = implementation(function, runtime, &description, &run);
    let unique = unique::checked(function);
    let stored = stored(function, options, runtime);
    let shim = signature::braced(function, &quote_spanned!(place=> #implementation #unique #stored));
    quote!(#named #track_caller #head #shim)
}

/// The type and its description for a function that breaks a rule, so that a worker that names it is right.
pub(super) fn refused(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> (TokenStream, TokenStream) {
    let place = generated_at(function.name().span());
    let private = runtime.private(place);
    let never = quote_spanned!(place=> #private::never());
    (named(function), implementation(function, runtime, &never, &never))
}

/// The type of the function's name, as generated code names it: no lint has anything to say of a name that nobody wrote.
fn named_type(function: &BackgroundFunction) -> Ident {
    own_name(function.name())
}

/// The type of the function's name. It is of the user's as the function is, and its lints are the function's alone.
fn named(function: &BackgroundFunction) -> TokenStream {
    let (visibility, name) = (&function.visibility, &named_type(function));
    let place = generated_at(name.span());
    let cfg = function.attributes.iter().filter(|attribute| {
        let words = words(attribute.meta.to_token_stream());
        let is_conditional = words.first().is_some_and(|first| first == "cfg_attr");
        words.first().is_some_and(|first| first == "cfg") || is_conditional && words.iter().any(|word| word == "cfg")
    });
    let text = format!("Names the durable function [`{0}`]({0}()) to a worker.", name.unraw());
    quote_spanned! {place=>
        #(#cfg)*
        #[doc = #text]
        #[non_exhaustive]
        #visibility enum #name {}
    }
}

fn implementation(
    function: &BackgroundFunction,
    runtime: &RuntimePath<'_>,
    description: &TokenStream,
    run: &TokenStream,
) -> TokenStream {
    let name = &named_type(function);
    let place = generated_at(name.span());
    let (runtime, private) = (runtime.public(place), runtime.private(place));
    // The type stands beside the function that this is in.
    quote_spanned! {place=>
        #[allow(non_local_definitions)]
        impl #runtime::durable::Durable for #name {
            fn description() -> &'static #runtime::durable::Description {
                #description
            }

            fn run(__run: #private::durable::Run<'_>) -> #private::durable::Started {
                #run
            }
        }
    }
}

/// The paths of what is inherited, each of the right type.
pub(super) fn checked_paths(
    function: &BackgroundFunction,
    options: &Options,
    runtime: &RuntimePath<'_>,
) -> TokenStream {
    let checked = inheritance::stored(function, options).map(|(path, _, cfg)| {
        let storable = storable(path, runtime);
        quote_spanned!(generated_at(path.span())=> #(#cfg)* let _ = #storable;)
    });
    checked.collect()
}

/// The one `'static` value that a worker knows the function by. A function that a worker is told of is used.
fn description(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let name = &named_type(function);
    let place = generated_at(name.span());
    let described = described(function, options, runtime);
    let limit = limit(options);
    let queue = options.durable.queue.value().map(String::as_str).unwrap_or_default();
    let named = options.name.value().map(|_| quote_spanned!(place=> .named()));
    let attempts =
        options.durable.attempts.value().map(|attempts| quote_spanned!(place=> .attempts_at_most(#attempts)));
    let crashes = options.durable.crashes.value().map(|crashes| quote_spanned!(place=> .crashes_at_most(#crashes)));
    let aliases = options.durable.alias.value().map(|aliases| quote_spanned!(place=> .alias(&[#(#aliases),*])));
    let public = runtime.public(place);
    let backoff = options.durable.backoff.value().map(|Backoff { first, longest }| {
        let (first, longest) = (duration(*first, place), duration(*longest, place));
        quote_spanned!(place=> .pause(<#public::durable::Backoff>::new(#first, #longest)))
    });
    let states: Vec<_> = states(function)
        .map(|parameter| {
            let (cfg, ty) = (&parameter.attributes.everywhere, &parameter.ty);
            let place = generated_at(ty.span());
            let private = runtime.private(place);
            quote_spanned!(place=> #(#cfg)* <#private::durable::StateType>::of::<#ty>())
        })
        .collect();
    let needs = (!states.is_empty()).then(|| quote_spanned!(place=> .needs(&[#(#states),*])));
    let description = quote_spanned! {place=>
        #described
        static DESCRIPTION: #public::durable::Description =
            <#public::durable::Description>::new(&FUNCTION, #queue, <#name as #public::durable::Durable>::run)
                #named #attempts #crashes #backoff #aliases #needs;
        let _ = #name;
        &DESCRIPTION
    };
    limit.map_or_else(|| description.clone(), |limit| quote_spanned!(place=> #limit { #description }))
}

/// What a worker runs: reads what was stored, and is from there on the call that it is in the process.
fn run(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(function.name().span());
    let or_refuse = quote_spanned!(place=> else { return __run.refused(); });
    let inherited = inheritance::stored(function, options).map(|(path, optional, cfg)| {
        let place = generated_at(path.span());
        let (path, private) = (storable(path, runtime), runtime.private(place));
        let read = quote_spanned!(place=> <#private::durable::Run>::inherit(&mut __run, #path, #optional));
        quote_spanned!(place=> #(#cfg)* let ::core::option::Option::Some(()) = #read #or_refuse;)
    });
    let given = function.parameters.iter().filter_map(|parameter| {
        let read = match parameter.role {
            Role::Owned => read(parameter, runtime),
            Role::State => state(parameter, runtime),
            _ => return None,
        };
        let (cfg, outer) = (&parameter.attributes.everywhere, &parameter.outer);
        let place = generated_at(parameter.ty.span());
        Some(quote_spanned!(place=> #(#cfg)* let ::core::option::Option::Some(#outer) = #read #or_refuse;))
    });
    let expressions = expressions(options, runtime);
    let bounded = bounded(options, place);
    let named = inheritance::named(function, runtime);
    let values = inheritance::inherited(function, runtime);
    let body = task(function, runtime);
    let classify = classify(function, runtime);
    let private = runtime.private(place);
    quote_spanned! {place=>
        let mut __run = __run;
        #(#inherited)*
        #(#given)*
        #expressions
        let mut __call = <#private::durable::Run>::begin(&__run) #bounded;
        #named
        #values
        let __body = #body;
        return __run.spawn(__call, #classify, __body);
    }
}

/// What the function does where it is called.
fn stored(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let name = &named_type(function);
    let place = generated_at(name.span());
    let inherited = inheritance::stored(function, options).map(|(path, optional, cfg)| {
        let place = generated_at(path.span());
        let (path, runtime) = (storable(path, runtime), runtime.public(place));
        quote_spanned!(place=> #(#cfg)* <#runtime::durable::Call>::inherit(&mut __call, #path, #optional);)
    });
    let arguments = function.parameters.iter().filter(|it| matches!(it.role, Role::Owned)).map(|parameter| {
        let place = generated_at(parameter.ty.span());
        let (cfg, outer, key) = (&parameter.attributes.everywhere, &parameter.outer, key(parameter));
        let (written, runtime) = (written(parameter, runtime), runtime.public(place));
        quote_spanned!(place=> #(#cfg)* <#runtime::durable::Call>::argument(&mut __call, &#written, #key, #outer);)
    });
    let runtime = runtime.public(place);
    let begin = match context(function) {
        None => quote_spanned!(place=> begin::<#name>()),
        Some(context) => quote_spanned!(place=> begin_from::<#name>(#context)),
    };
    quote_spanned! {place=>
        let mut __call = <#runtime::durable::Call>::#begin;
        #(#inherited)*
        #(#arguments)*
        return __call;
    }
}

/// At the carrier, which may be one that cannot be stored: the same at the call and at the run, so that it is said once.
fn storable(path: &syn::Path, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(path.span());
    let private = runtime.private(place);
    quote_spanned!(place=> #private::durable::storable(&#path))
}

/// At the type, which may be one that cannot be stored: the same at the call and at the run, so that it is said once.
fn written(parameter: &Parameter, runtime: &RuntimePath<'_>) -> TokenStream {
    let ty = &parameter.ty;
    let place = generated_at(ty.span());
    let private = runtime.private(place);
    quote_spanned!(place=> #private::durable::parameter::<#ty>())
}

fn read(parameter: &Parameter, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(parameter.ty.span());
    let (written, key, private) = (written(parameter, runtime), key(parameter), runtime.private(place));
    quote_spanned!(place=> <#private::durable::Run>::argument(&mut __run, &#written, #key))
}

fn state(parameter: &Parameter, runtime: &RuntimePath<'_>) -> TokenStream {
    let ty = &parameter.ty;
    let place = generated_at(ty.span());
    let private = runtime.private(place);
    quote_spanned!(place=> <#private::durable::Run>::state::<#ty>(&mut __run))
}

/// What an argument is stored under.
fn key(parameter: &Parameter) -> String {
    parameter.plain_name().map(|name| name.unraw().to_string()).unwrap_or_default()
}

fn states(function: &BackgroundFunction) -> impl Iterator<Item = &Parameter> {
    function.parameters.iter().filter(|parameter| matches!(parameter.role, Role::State))
}
