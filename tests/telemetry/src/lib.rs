//! What `detached` tells, through the real exporters and trackers. The tests are in `tests/`; here is the code that the guide's
//! pages about them show, and the pages' own is run.

pub mod hub;

macro_rules! pages {
    ($($page:ident)*) => {$(
        #[cfg(doctest)]
        #[doc = include_str!(concat!("../../../runtime/src/guide/", stringify!($page), ".md"))]
        mod $page {}
    )*};
}

pages! {
    log
    opentelemetry
    prometheus
    sentry
}
