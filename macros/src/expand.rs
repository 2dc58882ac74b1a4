//! The expansion of a function that keeps every rule. Nothing can go wrong here.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned as _;

use crate::bindings;
use crate::borrow;
use crate::descriptor::descriptor;
use crate::hygiene::generated_at;
use crate::inherit::Inherited;
use crate::options::{Options, Timeout};
use crate::parameter::{InheritedParameter, Parameter, Role};
use crate::return_type_pin;
use crate::runtime_path::runtime_path;
use crate::signature;
use crate::validate::BackgroundFunction;

/// ```text
/// #[background(timeout = "5s", inherit = ["user_id"])]
/// async fn record_visit(db: &Db, page: &str) -> Result<(), DbError> { body }
///
/// #[track_caller]
/// fn record_visit(db: &Db, page: &str) -> ::detached::Task<Result<(), DbError>> {
///     let __call = {
///         static FUNCTION: ::detached::private::Function = ::detached::private::function!("record_visit")
///             .timeout(::core::time::Duration::new(5u64, 0u32))
///             .inherit(&[::detached::private::Name::required("user_id")]);
///         ::detached::private::Call::new(&FUNCTION)
///     };
///     let db = ::detached::private::own(db);
///     let page = ::detached::private::own(page);
///     let __body = async move {
///         let db = ::detached::private::lend(&db);
///         let page = ::detached::private::lend(&page);
///         ::detached::private::return_type!(Result<(), DbError>);
///         'body: { body }
///     };
///     __call.spawn(::detached::private::classify!(__body), __body)
/// }
/// ```
pub(crate) fn expand(function: &BackgroundFunction, options: &Options) -> TokenStream {
    let place = generated_at(function.name().span());
    let runtime = &runtime_path(options.runtime.value(), place);
    let head = signature::head(function, runtime);

    let call = call(function, options, runtime);
    let snapshot = snapshot(function, options);
    let owned = bindings::own(function, runtime);
    let bound = bindings::bind(function, runtime);
    let pin = return_type_pin::pin(&function.signature.output, runtime, place);
    let body = bindings::body(function);
    let carried =
        carriers(options).map(|(captured, ..)| quote_spanned!(place=> let __body = #captured.around(__body);));
    let shim = signature::braced(
        function,
        &quote_spanned! {place=>
            #call
            #snapshot
            #owned
            let __body = async move {
                #bound
                #pin
                #body
            };
            #(#carried)*
            __call.spawn(#runtime::private::classify!(__body), __body)
        },
    );
    quote!(#head #shim)
}

/// The call, made before anything is moved: the expressions of the options may name parameters. They are outside of the
/// block that the descriptor is in, which they shall not see.
fn call(function: &BackgroundFunction, options: &Options, runtime: &TokenStream) -> TokenStream {
    let place = generated_at(function.name().span());
    let timeout = match options.timeout.value() {
        Some(Timeout::Computed(bound)) => Some(quote_spanned!(place=> let __timeout: ::core::time::Duration = #bound;)),
        _ => None,
    };
    let supervisor = options.supervisor.value();
    let supervisor = supervisor.map(|owner| quote_spanned!(place=> let __supervisor: &#runtime::Supervisor = &#owner;));
    let context = function.parameters.iter().find(|it| matches!(it.role, Role::Context)).map(Parameter::outer_at_type);

    let new = match (context, &supervisor) {
        (None, None) => quote_spanned!(place=> new(&FUNCTION)),
        (Some(context), None) => quote_spanned!(place=> with_context(&FUNCTION, &#context)),
        (None, Some(_)) => quote_spanned!(place=> with_supervisor(&FUNCTION, __supervisor)),
        (Some(context), Some(_)) => {
            quote_spanned!(place=> with_both(&FUNCTION, &#context, __supervisor))
        }
    };
    let bounded = timeout.is_some().then(|| quote_spanned!(place=> .timeout(__timeout)));
    let descriptor = descriptor(function, options, runtime);
    let mutable = takes_snapshot(function, options).then(|| quote_spanned!(place=> mut));
    quote_spanned! {place=>
        #timeout
        #supervisor
        let #mutable __call = {
            static FUNCTION: #runtime::private::Function = #descriptor;
            #runtime::private::Call::#new #bounded
        };
    }
}

fn takes_snapshot(function: &BackgroundFunction, options: &Options) -> bool {
    inherited_parameters(function).next().is_some() || carriers(options).next().is_some()
}

/// The inherited parameters, and the carriers' values.
fn snapshot(function: &BackgroundFunction, options: &Options) -> TokenStream {
    let parameters = inherited_parameters(function).map(|(parameter, inherited)| {
        let place = generated_at(parameter.ty.span());
        let (everywhere, outer) = (&parameter.attributes.everywhere, &parameter.outer);
        let InheritedParameter { name, value, optional } = inherited;
        let lookup = if *optional { quote_spanned!(place=> optional_value) } else { quote_spanned!(place=> value) };
        quote_spanned! {place=>
            #(#everywhere)*
            let ::core::option::Option::Some(#outer) = __call.#lookup::<#value>(#name) else {
                return __call.reject();
            };
        }
    });
    let carried = carriers(options).map(|(captured, key, optional)| {
        let place = generated_at(key.span());
        let capture = if optional {
            quote_spanned!(place=> capture_if_any(&#key))
        } else {
            let label = borrow::printed(key);
            quote_spanned!(place=> capture(#label, &#key))
        };
        quote_spanned!(place=> let #captured = __call.#capture;)
    });
    parameters.chain(carried).collect()
}

fn inherited_parameters(function: &BackgroundFunction) -> impl Iterator<Item = (&Parameter, &InheritedParameter)> {
    function.parameters.iter().filter_map(|parameter| match &parameter.role {
        Role::Inherited(inherited) => Some((parameter, &**inherited)),
        _ => None,
    })
}

/// The typed keys: the variable of each captured value, the key, and whether it may be absent.
fn carriers(options: &Options) -> impl Iterator<Item = (Ident, &Path, bool)> {
    let listed = options.inherit.value().into_iter().flatten();
    let keys = listed.filter_map(|entry| match entry {
        Inherited::Key { path, optional } => Some((path, *optional)),
        Inherited::Name(_) => None,
    });
    keys.enumerate().map(|(index, (path, optional))| {
        (format_ident!("__captured{index}", span = Span::mixed_site()), path, optional)
    })
}
