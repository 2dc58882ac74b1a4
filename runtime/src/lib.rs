//! Background work that outlives the web request it came from: put [`#[background]`](macro@background) on an `async fn`, and
//! each call starts a supervised task and returns at once. The task keeps exactly the values that you list, is bounded in
//! time, and always says how it ended.
//!
//! ```
//! use detached::{Cause, Context, Key, Supervisor, background};
//! use std::time::Duration;
//!
//! static USER_ID: Key<u64> = Key::new("user_id");
//!
//! # #[derive(Debug)] struct DbError;
//! # impl std::fmt::Display for DbError { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("db") } }
//! # impl std::error::Error for DbError {}
//! # #[derive(Clone)] struct Db;
//! # impl Db { async fn insert(&self, user: u64, page: &str) -> Result<(), DbError> { println!("{user} {page}"); Ok(()) } }
//! #[background(timeout = "5s", inherit = [USER_ID])]
//! async fn record_visit(db: &Db, page: &str) -> Result<(), DbError> {
//!     db.insert(USER_ID.get(), page).await
//! }
//!
//! async fn handler(db: Db) -> &'static str {
//!     record_visit(&db, "/pricing"); // starts, returns at once
//!     "the page"
//! }
//!
//! #[tokio::main]
//! async fn main() {
//!     // what a middleware does for each request
//!     let request = Context::new().with(USER_ID, 7);
//!     request.scope(handler(Db)).await;
//!     request.cancel(Cause::Completed);
//!
//!     // once the server has stopped
//!     let report = Supervisor::global().drain(Duration::from_secs(10)).await;
//!     assert_eq!(report.completed.len(), 1);
//! }
//! ```
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
//! - Work is lost if the process dies. For work that must survive that, write it down first: an outbox table or a queue.
//! - A task can start before the transaction of its caller commits. Call it after the commit.
//! - A body that blocks its thread can be neither timed out nor cancelled; a drain names it and goes on.
//! - Failed work is not tried again.
//!
//! # Where to look
//!
//! | to | see |
//! |---|---|
//! | know all options, and what happens to each kind of parameter | [`#[background]`](macro@background) |
//! | open a context for each request | [`Context::scope`], and `examples/visits` in the repository |
//! | wait for a task, or cancel one | [`Task`] |
//! | know what runs now | [`Supervisor::tasks`], [`Supervisor::counts`] |
//! | shut down in good order | [`Supervisor::drain`] |
//! | serve with a runtime for each worker, as actix-web does | [`SupervisorBuilder::runtime`] |
//! | send failures to an error tracker | [`Observer`] |
//! | inherit a `tokio::task_local!` or another library's state | [`Inherit`] |
//! | write one list for many functions | [groups](Inherit#groups), [`Optional`] |
//! | understand a log line, a trace, a metric | [`guide::telemetry`] |
//!
//! # Features
//!
//! All are off by default.
//!
//! | feature | gives |
//! |---|---|
//! | `metrics` | `Metrics`, an observer for the `metrics` facade |
//! | `opentelemetry` | `otel`: carriers of OpenTelemetry's context and baggage |
//! | `signal` | `terminated()`: ready at SIGTERM or Ctrl-C |
//! | `tower` | `tower`: a context for each request, and a shield for handlers, for axum, tonic and hyper |
//! | `testing` | `testing`: a supervisor for tests that fails them on what they did not expect, and disconnects on demand |
//! | `tokio-console` | names and places of tasks in `tokio-console`; takes effect only where tokio is built with `--cfg tokio_unstable` |
#![cfg_attr(docsrs, feature(doc_cfg))]

mod ambient;
mod context;
mod function;
pub mod guide;
mod line;
#[cfg(all(test, detached_loom))]
mod loom_models;
mod now;
mod outcome;
mod panics;
#[doc(hidden)]
pub mod private;
mod roster;
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
pub use context::{Capture, Cause, Context, Inherit, Key, Optional, Origin, SetsValue, ValueError, ValueName};
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
