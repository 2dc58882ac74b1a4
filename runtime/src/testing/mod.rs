//! Tests of code that calls background functions: wait for them, fail on what goes wrong in them, and drop a handler
//! wherever a client may disconnect. The code under test stays as it is.
//!
//! A [`TestSupervisor`] is a supervisor of the test's own, so tests that run side by side do not see each other's tasks.
//! All works under `start_paused`, where timeouts and graces pass at once.
//!
//! ```
//! use detached::{OutcomeKind, background, testing::TestSupervisor};
//!
//! #[background(timeout = "5s")]
//! async fn record_visit(page: String) -> Result<(), std::io::Error> {
//!     if page.is_empty() { Err(std::io::Error::other("no page")) } else { Ok(()) }
//! }
//!
//! async fn handler(page: &str) -> &'static str {
//!     record_visit(page.to_owned());
//!     "hello"
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
//! // in a `#[tokio::test(start_paused = true)]`
//! let test = TestSupervisor::new();
//! assert_eq!(test.run(handler("/pricing")).await, "hello");
//! test.assert_outcomes("record_visit", [OutcomeKind::Completed]);
//!
//! // A task that fails, times out, panics or is rejected fails the test, unless it was expected to.
//! test.expect("record_visit", OutcomeKind::Failed);
//! test.run(handler("")).await;
//! # }
//! ```
//!
//! A call that is made where no supervisor is in place goes to the global one, past the test. [`refuse_global`] shows those.
//!
//! Stands on all other rooms and is known to none of them.

mod disconnect;
#[cfg(feature = "durable")]
mod inline;
mod record;
#[cfg(feature = "durable")]
mod recorded;
mod refuse_global;
mod test_supervisor;

pub use disconnect::disconnect_at;
#[cfg(feature = "durable")]
#[cfg_attr(docsrs, doc(cfg(feature = "durable")))]
pub use inline::Inline;
pub use record::TestOutcome;
#[cfg(feature = "durable")]
#[cfg_attr(docsrs, doc(cfg(feature = "durable")))]
pub use recorded::Recorded;
pub use refuse_global::{RefuseGlobal, refuse_global};
pub use test_supervisor::TestSupervisor;
