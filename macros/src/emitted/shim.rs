//! The whole expansion of a function that keeps every rule. Nothing can go wrong here.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::call::call;
use super::inheritance;
use super::runtime_path::RuntimePath;
use super::{bindings, durable, return_type, signature};
use crate::attributed::BackgroundFunction;
use crate::tokens::generated_at;
use crate::written::Options;

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
    if function.is_stored {
        return durable::expand(function, options);
    }
    let place = generated_at(function.name().span());
    let runtime = &RuntimePath::new(options.runtime.value());
    let track_caller = signature::track_caller(function);
    let head = signature::head(function, runtime);

    let call = call(function, options, runtime);
    let captured = inheritance::captured(function, options, runtime);
    let inherited = inheritance::inherited(function, runtime);
    let owned = bindings::own(function, runtime);
    let bound = bindings::bind(function, runtime);
    let pin = return_type::pin(function, runtime);
    let body = bindings::body(function);
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
            return __call.spawn(#private::private::classify!(__body), __body);
        },
    );
    quote!(#track_caller #head #shim)
}
