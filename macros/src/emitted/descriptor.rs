//! The one `'static` value that describes a function: its name and the options that are known at compile time.

use std::fmt::Debug;
use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt as _;

use super::runtime_path::RuntimePath;
use crate::attributed::{BackgroundFunction, InheritedBy};
use crate::tokens::generated_at;
use crate::written::{Inherited, Limit, Options, Origin, Shutdown, Timeout};

/// The value, in a `static`.
pub(crate) fn described(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(function.name().span());
    let (private, descriptor) = (runtime.private(place), descriptor(function, options, runtime));
    quote_spanned!(place=> static FUNCTION: #private::Function = #descriptor;)
}

/// A limit that is known only at the first call is a function that the descriptor names. It stands outside of the block that
/// the descriptor is in, which it shall not see.
pub(crate) fn limit(options: &Options) -> Option<TokenStream> {
    match options.limit.written()? {
        (key, Limit::Computed(limit)) => {
            Some(quote_spanned!(generated_at(key.span())=> fn __limit() -> usize { #limit }))
        }
        _ => None,
    }
}

/// The expression that makes the value, in a constant.
fn descriptor(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let user = function.name().span();
    let place = generated_at(user);
    let name = match options.name.value() {
        Some(name) => name.clone(),
        None => function.name().unraw().to_string(),
    };
    let (private, settings) = (runtime.private(place), settings(function, options, runtime, place));
    let limit = matches!(options.limit.value(), Some(Limit::Computed(_)));
    let limit = limit.then(|| quote_spanned!(place=> .limit_by(__limit)));
    // At the user's span: a macro takes the line it reports from the outermost place that it was written at, which of a
    // generated token is the attribute.
    let at_name = runtime.private(user);
    // A path that begins at the attribute would be of that line.
    let line = runtime.begins_elsewhere().then(|| quote_spanned!(user=> , ::core::line!()));
    let at_name = quote_spanned!(user=> #at_name::site!(#name #line));
    quote_spanned!(place=> #private::OPTIONS #settings.of(#at_name) #limit)
}

/// `.timeout(..).level(..)`, of what was written and is not the default.
fn settings(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>, place: Span) -> TokenStream {
    let private = runtime.private(place);
    let mut settings = TokenStream::new();
    let mut set = |setting: TokenStream| settings.extend(setting);

    if let Some(Timeout::After(bound)) = options.timeout.value() {
        let bound = duration(*bound, place);
        set(quote_spanned!(place=> .timeout(#bound)));
    }
    let names = names(function, options, runtime, place);
    if !names.is_empty() {
        set(quote_spanned!(place=> .inherit(&[#(#names),*])));
    }
    if let Some(grace) = options.grace.value() {
        let grace = duration(*grace, place);
        set(quote_spanned!(place=> .grace(#grace)));
    }
    if options.origin.value() == Some(&Origin::Follow) {
        set(quote_spanned!(place=> .follow_origin()));
    }
    if options.shutdown.value() == Some(&Shutdown::Cancel) {
        set(quote_spanned!(place=> .cancel_at_shutdown()));
    }
    if let Some(trace) = options.trace.value() {
        let trace = variant(trace, place);
        set(quote_spanned!(place=> .trace(<#private::Trace>::#trace)));
    }
    if let Some(level) = options.level.value() {
        let level = variant(level, place);
        set(quote_spanned!(place=> .level(<#private::Level>::#level)));
    }
    settings.extend(admission(options, runtime, place));
    settings
}

/// How many may run and wait.
fn admission(options: &Options, runtime: &RuntimePath<'_>, place: Span) -> TokenStream {
    let private = runtime.private(place);
    let limit = options.limit.value().map(|limit| match limit {
        Limit::Fixed(limit) => quote_spanned!(place=> .limit(#limit)),
        Limit::Computed(_) => quote_spanned!(place=> .limited()),
    });
    let overflow = options.overflow.value().map(|overflow| {
        let overflow = variant(overflow, place);
        quote_spanned!(place=> .overflow(<#private::Overflow>::#overflow))
    });
    let queue = options.queue.value().map(|queue| quote_spanned!(place=> .queue(#queue)));
    let start_timeout = options.start_timeout.value().map(|bound| {
        let bound = duration(*bound, place);
        quote_spanned!(place=> .start_timeout(#bound))
    });
    quote_spanned!(place=> #limit #overflow #queue #start_timeout)
}

/// The names of the list, then those of the parameters that are inherited by name.
fn names(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>, place: Span) -> Vec<TokenStream> {
    let private = runtime.private(place);
    let listed = options.inherit.value().into_iter().flatten().filter_map(|entry| match entry {
        Inherited::Name(name) => Some((&name.name, name.optional, &[][..])),
        Inherited::Key { .. } => None,
    });
    let parameters = function.parameters.iter().filter_map(|parameter| {
        let inherited = parameter.role.inherited()?;
        match &inherited.by {
            InheritedBy::Name(name) => Some((name, inherited.optional, &parameter.attributes.everywhere[..])),
            InheritedBy::Key(_) => None,
        }
    });
    let names = listed.chain(parameters).map(|(name, optional, cfg)| {
        if optional {
            quote_spanned!(place=> #(#cfg)* <#private::Name>::optional(#name))
        } else {
            quote_spanned!(place=> #(#cfg)* <#private::Name>::required(#name))
        }
    });
    names.collect()
}

/// The variant of the runtime's enumeration, which has the name of ours.
fn variant(chosen: impl Debug, place: Span) -> Ident {
    format_ident!("{chosen:?}", span = place)
}

pub(super) fn duration(duration: Duration, place: Span) -> TokenStream {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote_spanned!(place=> ::core::time::Duration::new(#seconds, #nanos))
}
