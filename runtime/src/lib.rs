//! Background work that outlives the web request it came from: put [`#[background]`](macro@background) on an `async fn`, and
//! each call starts a supervised task and returns at once. The task keeps exactly the values that you list, is bounded in
//! time, and always says how it ended.
//!
//! ```
//! use axum::{Router, extract::State, routing::get};
//! use detached::tower::ContextLayer;
//! use detached::{Key, Supervisor, background};
//! use std::time::Duration;
//!
//! static USER_ID: Key<u64> = Key::new("user_id");
//!
//! # type DbError = std::io::Error;
//! # #[derive(Clone)] struct Db;
//! # impl Db { async fn insert(&self, user: u64, page: &str) -> Result<(), DbError> { println!("{user} {page}"); Ok(()) } }
//! #[background(timeout = "5s", inherit = [USER_ID])]
//! async fn record_visit(db: &Db, page: &str) -> Result<(), DbError> {
//!     db.insert(USER_ID.get(), page).await
//! }
//!
//! async fn pricing(State(db): State<Db>) -> &'static str {
//!     record_visit(&db, "/pricing"); // starts, returns at once
//!     "the page"
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     // a context for each request
//!     let contexts = ContextLayer::new().header("x-user-id", USER_ID);
//!     let app = Router::new().route("/pricing", get(pricing)).with_state(Db).layer(contexts);
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! #   let address = listener.local_addr()?;
//! #   let terminated = async || {
//! #       let page = reqwest::Client::new().get(format!("http://{address}/pricing")).header("x-user-id", "7");
//! #       assert_eq!(page.send().await.unwrap().text().await.unwrap(), "the page");
//! #   };
//!
//!     // with the feature `signal`, `terminated` is `detached::terminated`
//!     let (served, report) = Supervisor::global()
//!         .serve_until(terminated(), Duration::from_secs(30), |stopping| {
//!             axum::serve(listener, app).with_graceful_shutdown(stopping).into_future()
//!         })
//!         .await;
//!     println!("{report}");
//! #   assert_eq!(Supervisor::global().counts().completed, 1);
//!     served.unwrap_or(Ok(()))
//! }
//! ```
//!
//! [`guide::axum`] makes a whole service of it.
//!
//! # The parts
//!
//! | word | meaning |
//! |---|---|
//! | background function | an `async fn` under [`#[background]`](macro@background) |
//! | task | one run of it, started by one call; [`Task`] is its handle |
//! | context | [`Context`]: named values, a deadline, a cancellation with its [`Cause`]. Ambient: it follows a future, not a thread |
//! | origin | the context in which the call was made, usually a request's; a task sees of it only an [`Origin`] |
//! | snapshot | the inherited values, copied at the call; [`Key`] names one with its type, [`Inherit`] carries other things |
//! | supervisor | [`Supervisor`]: the owner of tasks; it admits, lists, counts and drains them |
//! | outcome | how a call ended: completed, failed, timed out, panicked, cancelled or rejected; [`Outcome`], a closed set |
//! | drain | [`Supervisor::drain`]: close admission, wait, cancel what is left, and a [`DrainReport`] |
//! | resident | a task that lives as long as the process (`shutdown = "cancel"`): nobody waits for it |
//!
//! [`task`](fn@task) runs a closure or a future made on the spot in the same way, without the attribute.
//!
//! # What it promises
//!
//! - **The caller is never hurt.** A call is synchronous, never blocks, never panics, and its task is on the
//!   supervisor's list before it returns.
//! - **Detached for every question.** The task sees neither the origin's cancellation nor its deadline nor any value that
//!   was not listed, and nothing in it keeps the origin alive. [`guide::context`] compares that with Go's remedies.
//! - **Never unstoppable.** Every background function states a bound, or waives it in writing (`timeout = "none"`), and every
//!   task hears the supervisor's shutdown.
//! - **Nothing is silent.** Every call ends in exactly one outcome, and every outcome gives exactly one `tracing` event, one call
//!   of each [`Observer`] and one count.
//! - **Nobody's identity leaks.** Values are restored after every poll, panics included; a thread never shows one task's context
//!   to another.
//! - **No `unsafe` code.**
//!
//! # What it does not promise
//!
//! - Work is lost if the process dies. For work that must survive that, make the function durable: the feature `durable`.
//! - A task can start before the transaction of its caller commits. Call it after the commit.
//! - A body that blocks its thread can be neither timed out nor cancelled; a drain names it and goes on. The same is true of
//!   a closure of [`spawn_blocking`], which is the place for synchronous code: it keeps what is in place where it is called.
//! - A body that is stopped is dropped at an `.await`; [`guide::cancel_safety`] says what that leaves behind.
//! - Failed work is not tried again, unless the function is durable, and a resident that ends is not started again.
//! - A context does not follow into another library's task or thread; [`guide::where_the_context_ends`] has the cures.
//! - A handler still ends when its client disconnects; [`tower::ShieldLayer`] keeps it.
//!
//! # Where to look
//!
//! | to | see |
//! |---|---|
//! | build a service | [`guide::axum`], [`guide::tonic`], [`guide::hyper`], [`guide::actix_web`] |
//! | know all options, and what happens to each kind of parameter | [`#[background]`](macro@background) |
//! | open a context for each request | [`tower::ContextLayer`]; elsewhere [`Context::scope`] |
//! | keep the context in a task, a thread, a stream, a websocket | [`guide::where_the_context_ends`] |
//! | let a handler survive its client | [`tower::ShieldLayer`] |
//! | wait for a task, or cancel one | [`Task`] |
//! | run synchronous code, in a task or in a handler | [`spawn_blocking`] |
//! | call in a `select!` or a loop | [`guide::eager_calls`] |
//! | know what runs now | [`Supervisor::tasks`], [`Supervisor::counts`], [`tower::StatusPage`] |
//! | shut down in good order | [`Supervisor::serve_until`], [`guide::shutdown`]; without a server [`Supervisor::drain`] |
//! | serve with a runtime for each worker, as actix-web does | [`SupervisorBuilder::runtime`] |
//! | send failures to an error tracker | [`Observer`], [`guide::sentry`] |
//! | have work survive the process, or the machine | `guide::durable`, with the feature `durable` |
//! | inherit a `tokio::task_local!` or another library's state | [`Inherit`] |
//! | write one list for many functions | [groups](Inherit#groups), [`Optional`] |
//! | know what a timeout leaves behind | [`guide::cancel_safety`] |
//! | test code that calls background functions | [`testing`], [`guide::testing`] |
//! | understand a log line, a trace, a metric | [`guide::telemetry`], [`guide::formatters`], [`guide::log`], [`guide::opentelemetry`], [`guide::prometheus`] |
//! | know what was tried against it, and what is not promised | [`guide::what_was_tried`] |
//!
//! Two whole programs are in the repository: `cargo run --example visits` and `cargo run --example checkout`.
//!
//! # Features
//!
//! All are off by default.
//!
//! | feature | gives |
//! |---|---|
//! | `durable` | [`durable`]: functions whose calls are stored, and run by a worker of a queue |
//! | `tower` | [`mod@tower`]: a context for each request, a shield for handlers and a page of what runs, for axum, tonic and hyper |
//! | `serde` | `Serialize` for [`TaskInfo`], [`Counts`] and [`DrainReport`]; and the status page as JSON |
//! | `signal` | [`terminated()`]: ready at SIGTERM or Ctrl-C |
//! | `testing` | [`testing`]: a supervisor for tests that fails them on what they did not expect, and disconnects on demand |
//! | `metrics` | [`Metrics`], an observer for the `metrics` facade |
//! | `opentelemetry` | [`otel`]: carriers of OpenTelemetry's context and baggage |
//! | `tokio-console` | names and places of tasks in `tokio-console`; takes effect only where tokio is built with `--cfg tokio_unstable` |
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without its feature there is nothing for a link to lead to.
#![cfg_attr(
    not(all(
        feature = "durable",
        feature = "metrics",
        feature = "opentelemetry",
        feature = "signal",
        feature = "testing",
        feature = "tower"
    )),
    allow(rustdoc::broken_intra_doc_links)
)]

mod ambient;
mod blocking;
mod context;
#[cfg(feature = "durable")]
#[cfg_attr(docsrs, doc(cfg(feature = "durable")))]
pub mod durable;
mod function;
pub mod guide;
mod line;
#[cfg(all(test, detached_loom))]
mod loom_models;
mod milliseconds;
mod now;
mod outcome;
mod panics;
#[doc(hidden)]
pub mod private;
mod roster;
#[cfg(feature = "serde")]
mod serialized;
mod serving;
mod shown;
mod supervisor;
mod sync;
mod task;
mod telemetry;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
mod waiting;

#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub mod tower;

pub use ambient::Scope;
pub use blocking::spawn_blocking;
pub use context::{Capture, Cause, Context, Inherit, Key, Optional, Origin, Plain, SetsValue, ValueError, ValueName};
#[doc(inline)]
pub use detached_macros::background;
pub use function::{Level, Overflow, Trace};
pub use outcome::{Failure, Outcome, OutcomeKind, Reason, TaskError};
pub use panics::Panic;
pub use roster::{CountedTasks, Counts, Drained, FunctionCounts, RejectedCalls, Tally, TaskId, TaskInfo, TaskState};
#[cfg(feature = "signal")]
#[cfg_attr(docsrs, doc(cfg(feature = "signal")))]
pub use serving::terminated;
pub use serving::{Grace, Stopping};
pub use supervisor::{AlreadyInstalled, DrainReport, Observer, Supervisor, SupervisorBuilder};
pub use task::{Bounded, HasBound, Returns, Task, TaskBuilder, Unbounded, task};
#[cfg(feature = "metrics")]
#[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
pub use telemetry::Metrics;
#[cfg(feature = "opentelemetry")]
#[cfg_attr(docsrs, doc(cfg(feature = "opentelemetry")))]
pub use telemetry::otel;

/// The front page's code runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
