//! Longer answers than an item's documentation has room for.
//!
//! A service, from the socket to the task:
//!
//! - [`axum`]: start to finish, a context for each request, errors, several tasks at once, the end
//! - [`tonic`]: calls and streams of gRPC
//! - [`hyper`]: the layer and the end without a framework
//! - [`actix_web`]: workers with a runtime each
//!
//! What to know:
//!
//! - [`context`]: what a task knows of its request, compared with Go's remedies for the same problem
//! - [`where_the_context_ends`]: spawned tasks, threads, streams, websockets, callbacks, drops, and the cure for each
//! - [`eager_calls`]: `select!`, `block_on`, a call in a loop
//! - [`cancel_safety`]: a body that is dropped half-way, and how it is told before
//! - [`shutdown`]: server and tasks, ended in the right order
//! - `durable` (with the feature of that name): work that must survive the process, or the machine
//! - [`testing`]: in process, over real sockets, and the paused clock
//! - [`what_was_tried`]: against this crate, with the command for each, and what is not promised
//!
//! What an operator reads:
//!
//! - [`telemetry`]: the span and the event of a task, what to filter by, and traces that are sampled
//! - [`formatters`]: what goes wrong, line by line, as each formatter of `tracing-subscriber` writes it
//! - [`log`]: the same for programs without a subscriber
//! - [`opentelemetry`]: what is exported, links and sampling, baggage
//! - [`sentry`]: failures with the user, the tags and the breadcrumbs of the request
//! - [`prometheus`]: what is scraped, and the alerts to begin with
//!
//! Every example on these pages is run as a test. Those of a page in Markdown are run by a package of its own, which has the servers
//! that they are about.

pub mod context;
#[cfg(feature = "durable")]
#[cfg_attr(docsrs, doc(cfg(feature = "durable")))]
pub mod durable;
pub mod telemetry;
#[doc = include_str!("what_was_tried.md")]
pub mod what_was_tried {}

macro_rules! pages {
    ($($page:ident)*) => {$(
        #[cfg_attr(not(doctest), doc = include_str!(concat!(stringify!($page), ".md")))]
        pub mod $page {}
    )*};
}

// Their code needs more than this crate's own dependencies. `tests/guides` runs it,
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

// and `tests/telemetry`.
pages! {
    log
    opentelemetry
    prometheus
    sentry
}
