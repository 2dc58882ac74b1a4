//! The expansion of a function that keeps every rule. Nothing can go wrong here.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, Path};

use crate::attributed::{BackgroundFunction, InheritedParameter, Parameter, Role};
use crate::bindings;
use crate::descriptor::descriptor;
use crate::return_type_pin;
use crate::runtime_path::RuntimePath;
use crate::signature;
use crate::tokens::{generated_at, printed};
use crate::written::{Inherited, Options, Slot, Timeout};

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
///         FUNCTION.begin_call()
///     };
///     let db = ::detached::private::own(db);
///     let page = ::detached::private::own(page);
///     let __body = async move {
///         let db = ::detached::private::lend(&db);
///         let page = ::detached::private::lend(&page);
///         ::detached::private::return_type!(Result<(), DbError>);
///         ({ body })
///     };
///     return __call.spawn(::detached::private::classify!(__body), __body);
/// }
/// ```
pub(crate) fn expand(function: &BackgroundFunction, options: &Options) -> TokenStream {
    let place = generated_at(function.name().span());
    let runtime = &RuntimePath::new(options.runtime.value());
    let track_caller = signature::track_caller(function);
    let head = signature::head(function, runtime);

    let call = call(function, options, runtime);
    let captured = captured(options, runtime);
    let inherited = inherited(function, runtime);
    let owned = bindings::own(function, runtime);
    let bound = bindings::bind(function, runtime);
    let pin = return_type_pin::pin(function, runtime);
    let body = bindings::body(function);
    let carried = carried(function, options, runtime);
    let private = runtime.at(place);
    let shim = signature::braced(
        function,
        &quote_spanned! {place=>
            #call
            #captured
            #inherited
            #owned
            let __body = async move {
                #bound
                #pin
                #body
            };
            #carried
            return __call.spawn(#private::private::classify!(__body), __body);
        },
    );
    quote!(#track_caller #head #shim)
}

/// The call, made before anything is moved: the expressions of the options may name parameters. They are outside of the
/// block that the descriptor is in, which they shall not see.
fn call(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(function.name().span());
    let timeout = computed(&options.timeout).map(|(key, bound)| {
        let place = generated_at(key.span());
        quote_spanned!(place=> let __timeout: ::core::time::Duration = #bound;)
    });
    let supervisor = options.supervisor.written().map(|(key, owner)| {
        let (place, at_value) = (generated_at(key.span()), generated_at(owner.span()));
        let runtime = runtime.at(place);
        let borrowed = quote_spanned!(at_value=> &#owner);
        quote_spanned!(place=> let __supervisor: &#runtime::Supervisor = #borrowed;)
    });
    let context = function.parameters.iter().find(|it| matches!(it.role, Role::Context)).map(Parameter::outer_at_type);
    let context = context.map(|context| quote_spanned!(context.span()=> &#context));

    // On the static itself: that tells a lint that to call changes something, and is not a `#[must_use]` forgotten.
    let call = match (context, &supervisor) {
        (None, None) => quote_spanned!(place=> begin_call()),
        (Some(context), None) => quote_spanned!(place=> begin_call_from(#context)),
        (None, Some(_)) => quote_spanned!(place=> begin_call_of(__supervisor)),
        (Some(context), Some(_)) => quote_spanned!(place=> begin_call_from_of(#context, __supervisor)),
    };
    let bounded = timeout.is_some().then(|| quote_spanned!(place=> .timeout(__timeout)));
    let descriptor = descriptor(function, options, runtime);
    let runtime = runtime.at(place);
    let takes_snapshot = inherited_parameters(function).next().is_some() || keys(options).next().is_some();
    let mutable = takes_snapshot.then(|| quote_spanned!(place=> mut));
    quote_spanned! {place=>
        #timeout
        #supervisor
        let #mutable __call = {
            static FUNCTION: #runtime::private::Function = #descriptor;
            FUNCTION.#call #bounded
        };
    }
}

/// The name of the option and the expression of a bound that is known only at the call.
fn computed(timeout: &Slot<Timeout>) -> Option<(&Ident, &Expr)> {
    match timeout.written()? {
        (key, Timeout::Computed(bound)) => Some((key, bound)),
        _ => None,
    }
}

/// The inherited parameters, out of the snapshot. Not by a method call, which a trait of the user's could answer with a
/// method of the same name; where there is one in generated code, it is by value, or of an unlikely name.
fn inherited(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let parameters = inherited_parameters(function).map(|(parameter, inherited)| {
        let place = generated_at(parameter.ty.span());
        let runtime = runtime.at(place);
        let (everywhere, outer) = (&parameter.attributes.everywhere, &parameter.outer);
        let InheritedParameter { name, value, optional } = inherited;
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
    function.parameters.iter().filter_map(|parameter| match &parameter.role {
        Role::Inherited(inherited) => Some((parameter, &**inherited)),
        _ => None,
    })
}

/// What the typed keys' values are captured in; before anything can reject the call, so that its first report knows the
/// names and values of all of them.
fn captured(options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
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
fn carried(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
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
