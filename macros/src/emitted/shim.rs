//! The whole expansion of a function that keeps every rule. Nothing can go wrong here.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::call::call;
use super::inheritance;
use super::runtime_path::RuntimePath;
use super::{bindings, return_type, signature, unique};
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
///     let db = ::detached::private::borrowed(db).__detached_copy();
///     let page = ::detached::private::borrowed(page).__detached_copy();
///     let __body = async move {
///         let db = ::detached::private::lend(&db);
///         let page = ::detached::private::lend(&page);
///         ::detached::private::return_type!(Result<(), DbError>);
///         ({ body })
///     };
///     return __call.spawn(*&::detached::private::classify!(__body), __body);
/// }
/// ```
pub(crate) fn expand(function: &BackgroundFunction, options: &Options) -> TokenStream {
    let place = generated_at(function.name().span());
    let runtime = &RuntimePath::new(options.runtime.value());
    let track_caller = signature::track_caller(function);
    let head = signature::head(function, runtime);

    let unique = unique::checked(function);
    let call = call(function, options, runtime);
    let captured = inheritance::captured(function, options, runtime);
    let inherited = inheritance::inherited(function, runtime);
    let owned = bindings::own(function, runtime);
    let bound = bindings::bind(function, runtime);
    let pin = return_type::pin(function, runtime);
    let body = bindings::body(function);
    let classify = classify(function, runtime);
    let shim = signature::braced(
        function,
        &quote_spanned! {place=>
            #unique
            #call
            #captured
            #inherited
            #owned
            let __body = async move {
                #bound
                #pin
                #body
            };
            return __call.spawn(#classify, __body);
        },
    );
    quote!(#track_caller #head #shim)
}

/// How an error in the returned value is shown. The value has to be `Send`, and is told so at the whole of the declared type:
/// an expression is shown from its first token to its last.
fn classify(function: &BackgroundFunction, runtime: &RuntimePath<'_>) -> TokenStream {
    let (first, last) = return_type::place(function);
    let (first, last) = (generated_at(first), generated_at(last));
    let body = Ident::new("__body", generated_at(function.name().span()));
    let runtime = runtime.at(last);
    let classify = quote_spanned!(last=> #runtime::private::classify!(#body));
    quote_spanned!(first=> *&#classify)
}
