//! The expansion of a durable function: a type that names it to a worker, what the worker runs, and a call that stores.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::call;
use super::descriptor::{descriptor, duration};
use super::runtime_path::RuntimePath;
use super::{bindings, inheritance, return_type, signature};
use crate::attributed::{BackgroundFunction, Parameter, Role};
use crate::tokens::{generated_at, words};
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
///     let mut __call = ::detached::durable::Call::begin::<send_welcome>();
///     ::detached::durable::Call::inherit(&mut __call, ::detached::private::durable::storable(&TENANT), false);
///     ::detached::durable::Call::argument(&mut __call, &::detached::private::durable::parameter::<String>(), "to", to);
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
    let stored = stored(function, options, runtime);
    let shim = signature::braced(function, &quote_spanned!(place=> #implementation #stored));
    quote!(#named #track_caller #head #shim)
}

/// The type and its description for a function that breaks a rule, so that a worker that names it is right.
pub(super) fn refused(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> (TokenStream, TokenStream) {
    let place = generated_at(function.name().span());
    let at_name = runtime.at(place);
    let never = quote_spanned!(place=> #at_name::private::never());
    (named(function), implementation(function, runtime, &never, &never))
}

/// The type of the function's name. It is of the user's as the function is, and its lints are the function's alone.
fn named(function: &BackgroundFunction) -> TokenStream {
    let (visibility, name) = (&function.visibility, function.name());
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
        #[allow(non_camel_case_types, unreachable_pub)]
        #visibility enum #name {}
    }
}

fn implementation(
    function: &BackgroundFunction,
    runtime: &RuntimePath<'_>,
    description: &TokenStream,
    run: &TokenStream,
) -> TokenStream {
    let name = function.name();
    let place = generated_at(name.span());
    let runtime = runtime.at(place);
    // The type stands beside the function that this is in.
    quote_spanned! {place=>
        #[allow(non_local_definitions)]
        impl #runtime::durable::Durable for #name {
            fn description() -> &'static #runtime::durable::Description {
                #description
            }

            fn run(__run: #runtime::private::durable::Run<'_>) -> #runtime::private::durable::Started {
                #run
            }
        }
    }
}

/// The one `'static` value that a worker knows the function by. A function that a worker is told of is used.
fn description(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let name = function.name();
    let place = generated_at(name.span());
    let descriptor = descriptor(function, options, runtime);
    let queue = options.durable.queue.value().map(String::as_str).unwrap_or_default();
    let named = options.name.value().map(|_| quote_spanned!(place=> .named()));
    let attempts =
        options.durable.attempts.value().map(|attempts| quote_spanned!(place=> .attempts_at_most(#attempts)));
    let crashes = options.durable.crashes.value().map(|crashes| quote_spanned!(place=> .crashes_at_most(#crashes)));
    let aliases = options.durable.alias.value().map(|aliases| quote_spanned!(place=> .alias(&[#(#aliases),*])));
    let runtime_at_name = runtime.at(place);
    let backoff = options.durable.backoff.value().map(|Backoff { first, longest }| {
        let (first, longest) = (duration(*first, place), duration(*longest, place));
        quote_spanned!(place=> .pause(#runtime_at_name::durable::Backoff::new(#first, #longest)))
    });
    let states: Vec<_> = states(function)
        .map(|parameter| {
            let (cfg, ty) = (&parameter.attributes.everywhere, &parameter.ty);
            let place = generated_at(ty.span());
            let runtime = runtime.at(place);
            quote_spanned!(place=> #(#cfg)* #runtime::private::durable::StateType::of::<#ty>())
        })
        .collect();
    let needs = (!states.is_empty()).then(|| quote_spanned!(place=> .needs(&[#(#states),*])));
    let runtime = runtime_at_name;
    quote_spanned! {place=>
        static FUNCTION: #runtime::private::Function = #descriptor;
        static DESCRIPTION: #runtime::durable::Description =
            #runtime::durable::Description::new(&FUNCTION, #queue, <#name as #runtime::durable::Durable>::run)
                #named #attempts #crashes #backoff #aliases #needs;
        #[allow(deprecated)]
        let _ = #name;
        &DESCRIPTION
    }
}

/// What a worker runs: reads what was stored, and is from there on the call that it is in the process.
fn run(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(function.name().span());
    let or_refuse = quote_spanned!(place=> else { return __run.refused(); });
    let inherited = inheritance::stored(function, options).map(|(path, optional, cfg)| {
        let place = generated_at(path.span());
        let path = storable(path, runtime);
        let runtime = runtime.at(place);
        let read = quote_spanned!(place=> #runtime::private::durable::Run::inherit(&mut __run, #path, #optional));
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
    let timeout = call::timeout(options);
    let bounded = timeout.is_some().then(|| quote_spanned!(place=> .timeout(__timeout)));
    let named = inheritance::named(function, runtime);
    let values = inheritance::inherited(function, runtime);
    let bound = bindings::bind(function, runtime);
    let pin = return_type::pin(function, runtime);
    let body = bindings::body(function);
    let runtime = runtime.at(place);
    quote_spanned! {place=>
        #[allow(unused_mut)]
        let mut __run = __run;
        #(#inherited)*
        #(#given)*
        #timeout
        #[allow(unused_mut)]
        let mut __call = #runtime::private::durable::Run::begin(&__run) #bounded;
        #named
        #values
        let __body = async move {
            #bound
            #pin
            #body
        };
        return __run.spawn(__call, #runtime::private::classify!(__body), __body);
    }
}

/// What the function does where it is called.
fn stored(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let name = function.name();
    let place = generated_at(name.span());
    let context = function.parameters.iter().find(|it| matches!(it.role, Role::Context)).map(Parameter::outer_at_type);
    let inherited = inheritance::stored(function, options).map(|(path, optional, cfg)| {
        let place = generated_at(path.span());
        let path = storable(path, runtime);
        let runtime = runtime.at(place);
        quote_spanned!(place=> #(#cfg)* #runtime::durable::Call::inherit(&mut __call, #path, #optional);)
    });
    let arguments = function.parameters.iter().filter(|it| matches!(it.role, Role::Owned)).map(|parameter| {
        let place = generated_at(parameter.ty.span());
        let (cfg, outer, key) = (&parameter.attributes.everywhere, &parameter.outer, key(parameter));
        let (written, runtime) = (written(parameter, runtime), runtime.at(place));
        quote_spanned!(place=> #(#cfg)* #runtime::durable::Call::argument(&mut __call, &#written, #key, #outer);)
    });
    let runtime = runtime.at(place);
    let begin = match context {
        None => quote_spanned!(place=> begin::<#name>()),
        Some(context) => {
            let context = quote_spanned!(context.span()=> &#context);
            quote_spanned!(place=> begin_from::<#name>(#context))
        }
    };
    quote_spanned! {place=>
        #[allow(unused_mut)]
        let mut __call = #runtime::durable::Call::#begin;
        #(#inherited)*
        #(#arguments)*
        return __call;
    }
}

/// At the carrier, which may be one that cannot be stored: the same at the call and at the run, so that it is said once.
fn storable(path: &syn::Path, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(path.span());
    let runtime = runtime.at(place);
    quote_spanned!(place=> #runtime::private::durable::storable(&#path))
}

/// At the type, which may be one that cannot be stored: the same at the call and at the run, so that it is said once.
fn written(parameter: &Parameter, runtime: &RuntimePath<'_>) -> TokenStream {
    let ty = &parameter.ty;
    let place = generated_at(ty.span());
    let runtime = runtime.at(place);
    quote_spanned!(place=> #runtime::private::durable::parameter::<#ty>())
}

fn read(parameter: &Parameter, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(parameter.ty.span());
    let (written, key, runtime) = (written(parameter, runtime), key(parameter), runtime.at(place));
    quote_spanned!(place=> #runtime::private::durable::Run::argument(&mut __run, &#written, #key))
}

fn state(parameter: &Parameter, runtime: &RuntimePath<'_>) -> TokenStream {
    let ty = &parameter.ty;
    let place = generated_at(ty.span());
    let runtime = runtime.at(place);
    quote_spanned!(place=> #runtime::private::durable::Run::state::<#ty>(&mut __run))
}

/// What an argument is stored under.
fn key(parameter: &Parameter) -> String {
    parameter.plain_name().map(|name| name.unraw().to_string()).unwrap_or_default()
}

fn states(function: &BackgroundFunction) -> impl Iterator<Item = &Parameter> {
    function.parameters.iter().filter(|parameter| matches!(parameter.role, Role::State))
}
