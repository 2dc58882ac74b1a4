//! The whole expansion of a function that keeps every rule. Nothing can go wrong here.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::call::Call;
use super::inheritance;
use super::runtime_path::RuntimePath;
use super::task::{classify, task};
use super::{bindings, durable, signature, unique};
use crate::attributed::BackgroundFunction;
use crate::tokens::generated_at;
use crate::written::Options;

/// ```text
/// #[background(timeout = "5s", inherit = ["user_id"])]
/// async fn record_visit(db: &Db, page: &str) -> Result<(), DbError> { body }
///
/// #[track_caller]
/// fn record_visit(db: &Db, page: &str) -> ::detached::Task<Result<(), DbError>> {
///     let db = ::detached::private::borrowed(db).__detached_copy();
///     let page = ::detached::private::borrowed(page).__detached_copy();
///     let __body = async move {
///         {
///             let db = ::detached::private::lend(&db);
///             let page = ::detached::private::lend(&page);
///             ::detached::private::return_type!(Result<(), DbError>);
///             ({ body })
///         }
///     };
///     return {
///         static FUNCTION: ::detached::private::Function = ::detached::private::OPTIONS
///             .timeout(::core::time::Duration::new(5u64, 0u32))
///             .inherit(&[<::detached::private::Name>::required("user_id")])
///             .of(::detached::private::site!("record_visit"));
///         FUNCTION.begin_call().spawn(*&::detached::private::classify!(__body), __body)
///     };
/// }
/// ```
pub(crate) fn expand(function: &BackgroundFunction, options: &Options) -> TokenStream {
    if function.is_stored {
        return durable::expand(function, options);
    }
    let runtime = &RuntimePath::new(options.runtime.value());
    let track_caller = signature::track_caller(function);
    let head = signature::head(function, runtime);
    let shim = signature::braced(function, &statements(function, options, runtime));
    quote!(#track_caller #head #shim)
}

/// The body is made before the call where that can be: what stands before it is seen from inside of it, by an editor at least.
fn statements(function: &BackgroundFunction, options: &Options, runtime: &RuntimePath<'_>) -> TokenStream {
    let place = generated_at(function.name().span());
    let call = Call::new(function, options, runtime);
    let unique = unique::checked(function);
    let captured = inheritance::captured(function, options, runtime);
    let inherited = inheritance::inherited(function, runtime);
    let owned = bindings::own(function, runtime);
    let task = task(function, runtime);
    let classify = classify(function, runtime);

    let mutable = (!captured.is_empty() || !inherited.is_empty()).then(|| quote_spanned!(place=> mut));
    let spawn = quote_spanned!(place=> .spawn(#classify, __body));
    if !call.comes_first && captured.is_empty() {
        let spawned = call.block(&spawn, place);
        return quote_spanned!(place=> #unique #owned let __body = #task; return #spawned;);
    }
    let body = quote_spanned!(place=> #owned let __body = #task;);
    let begun = call.block(&TokenStream::new(), place);
    let begun = quote_spanned!(place=> let #mutable __call = #begun;);
    let spawned = quote_spanned!(place=> return __call #spawn;);
    if call.comes_first {
        quote!(#unique #begun #captured #inherited #body #spawned)
    } else {
        quote!(#unique #body #begun #captured #spawned)
    }
}
