//! Requests, for axum, tonic, hyper and whatever else speaks tower: a context for each, and a shield for their handlers.
//!
//! ```
//! use axum::{Router, http::request::Parts, routing::get};
//! use detached::{Context, Key, background, tower::ContextLayer};
//!
//! static USER_ID: Key<u64> = Key::new("user_id");
//! static REQUEST_ID: Key<String> = Key::new("request_id");
//!
//! #[background(timeout = "5s", inherit = [USER_ID?, REQUEST_ID?])]
//! async fn record_visit(page: &str) {
//!     println!("{:?} looked at {page}", USER_ID.try_get());
//! }
//!
//! async fn pricing() -> &'static str {
//!     record_visit("/pricing"); // goes on when the request is over
//!     "the prices"
//! }
//!
//! # fn app() -> Router {
//! let app = Router::new().route("/pricing", get(pricing)).layer(
//!     ContextLayer::new()
//!         .header("x-request-id", REQUEST_ID)
//!         .fill(|context: Context, parts: &Parts| match parts.extensions.get::<u64>() {
//!             Some(user) => context.with("user_id", *user), // as an authentication layer left it there
//!             None => context,
//!         }),
//! );
//! # app }
//! ```
//!
//! [`ContextLayer`] opens a context for each request, puts it around the handler and around the body of the answer, and ends
//! it with the cause that fits. [`ShieldLayer`] runs the handler itself as a task, which a client that goes away does not stop.
//! [`StatusPage`] is a page of what runs, what became of the rest, and what went wrong last.
//!
//! Stands on all other rooms. Only what HTTP and tower say is known here; how a task runs is `task`'s.

mod context;
mod scoped_body;
mod shield;
mod status;

pub use context::{ContextBody, ContextFuture, ContextLayer, ContextService};
pub use shield::{Answer, ByStatus, ShieldFuture, ShieldLayer, ShieldService};
pub use status::{StatusBody, StatusPage};
