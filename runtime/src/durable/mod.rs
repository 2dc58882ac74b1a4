//! Durable functions: background functions whose calls are stored before the caller goes on, and run by a worker.
//!
//! What is stored runs **at least once**: it comes to an outcome though workers are killed, the database goes away or the
//! machine restarts. A function may run twice, and has to bear that. Not promised are an order, exactly one run, and results
//! for the caller.
//!
//! ```
//! use detached::durable::Stored;
//! use detached::{Context, Key, Supervisor, background};
//! # use detached::testing::Inline;
//! # #[derive(Clone)] struct Mailer;
//! # impl Mailer { async fn send(&self, to: &str, from: u64) -> std::io::Result<()> { assert_eq!((to, from), ("ann@example.org", 7)); Ok(()) } }
//!
//! static USER_ID: Key<u64, Stored> = Key::new("user_id").stored();
//!
//! #[background(durable = "mail", timeout = "30s", attempts = 5)]
//! async fn send_welcome(to: String, #[inherit(USER_ID)] user: u64, #[state] mailer: Mailer) -> std::io::Result<()> {
//!     mailer.send(&to, user).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let supervisor = Supervisor::builder().store(Inline::new().state(Mailer)).build();
//! # supervisor.scope(Context::new().with(USER_ID, 7).scope(async {
//! // In a handler: stored, and only then it goes on.
//! send_welcome("ann@example.org".to_owned()).await?;
//! # Ok::<_, detached::durable::StoreError>(()) })).await?;
//! # Ok(()) }
//! ```
//!
//! In the worker's process the adapter, such as the crate `detached-apalis`, runs it:
//! `Worker::new(&store).state(mailer).register::<send_welcome>().run_until(signal).await`.
//!
//! [The guide](crate::guide::durable) says how to make a function durable, and what it has to bear then.
//!
//! # What is stored
//!
//! The name of the function, its arguments and its inherited values as JSON, where and when it was called, and in which trace:
//! an [`Envelope`]. The name is the crate's and the function's, so that a function may move to another module; `name` and
//! `alias` say otherwise. Between two versions of a program arguments may be removed and reordered, and `Option`s may be added.
//! What cannot be read is no attempt: it waits for a worker that can, and is set aside after a while.
//!
//! # How it is run
//!
//! As a task like any other, of the worker's supervisor; the field `attempt` of its span and its event says which attempt it
//! is, and so does the value `attempt` (a `u32`, 1 is the first) of its context. The bound counts from the start of each
//! attempt. What fails, times out or panics is tried again after a [pause](Backoff), and given up after its last attempt.
//! The `caller` of an attempt is the function itself: where it was called from is in the envelope, perhaps in a program of another
//! version, and the trace leads there.
//!
//! This room is the boundary between a function and a queue: what is stored of a call, and how it is run again. It knows no
//! queue; an adapter brings one, as a [`Store`]. Stands on the rooms of the task.

mod argument;
mod backoff;
mod call;
mod description;
mod envelope;
mod execute;
mod registry;
mod run;
mod state;
mod store;
mod store_error;
mod stored;
mod trace;

pub use argument::Argument;
pub use backoff::Backoff;
pub use call::Call;
pub use description::{Description, Durable};
pub use envelope::{Envelope, Unreadable};
pub use execute::Executed;
pub use registry::{RegisterError, Registry};
pub use store::{Enqueued, JobId, NewJob, Store, StoreIn, install};
pub use store_error::StoreError;
pub use stored::{Storable, Stored};

// Named by generated code, by way of `private`.
#[doc(hidden)]
pub use argument::{Parameter, parameter};
#[doc(hidden)]
pub use run::{Run, Started};
#[doc(hidden)]
pub use state::StateType;
#[doc(hidden)]
pub use stored::{Read, Written, storable};
