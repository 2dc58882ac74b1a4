//! Runs the code on the guide's pages, which are Markdown files of the runtime crate: here they have the servers that they
//! are about.

/// `visits.proto`, as `tonic_prost_build::compile_protos` makes it.
#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic)] // generated
pub mod visits;

macro_rules! pages {
    ($($page:ident)*) => {$(
        #[cfg(doctest)]
        #[doc = include_str!(concat!("../../../runtime/src/guide/", stringify!($page), ".md"))]
        mod $page {}
    )*};
}

pages! {
    actix_web
    axum
    cancel_safety
    eager_calls
    formatters
    hyper
    shutdown
    testing
    tonic
    where_the_context_ends
}
