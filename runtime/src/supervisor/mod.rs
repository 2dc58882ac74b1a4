//! The owner of tasks: it limits them, tells observers of them, and drains them.
//!
//! Uses the roster and what that stands on. It never sees a body: what a call does with the place it was given is
//! `task`'s, and which supervisor is in place on a thread is `ambient`'s.

mod builder;
mod drain;
mod drain_report;
mod last_words;
mod limiter;
mod listed;
#[cfg(feature = "tower")]
mod mishaps;
mod observer;
mod owner;
#[cfg(feature = "testing")]
mod refusals;
mod spans;
#[allow(clippy::module_inception)] // the room is named for what it is about, and so is that file
mod supervisor;

pub use builder::{AlreadyInstalled, SupervisorBuilder};
pub use drain_report::DrainReport;
#[cfg(all(test, detached_loom))]
pub(crate) use limiter::Limiter;
pub(crate) use limiter::{Place, Turn};
pub(crate) use listed::Listed;
#[cfg(feature = "tower")]
pub(crate) use mishaps::Mishap;
pub use observer::Observer;
#[cfg(feature = "testing")]
pub(crate) use refusals::Refusals;
pub(crate) use spans::Spans;
pub use supervisor::Supervisor;
