//! Background work that outlives its request: bounded, supervised, and never silent.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod admission;
mod ambient;
mod builder;
mod call;
mod callsite;
mod cancellation;
mod clock;
mod context;
mod counts;
mod deadlines;
mod drain;
mod entry;
mod field_value;
mod function;
mod inherit;
mod key;
mod limiter;
#[cfg(all(test, detached_loom))]
mod loom_models;
#[cfg(feature = "metrics")]
mod metrics;
mod observer;
#[cfg(feature = "opentelemetry")]
#[cfg_attr(docsrs, doc(cfg(feature = "opentelemetry")))]
pub mod otel;
mod outcome;
mod panics;
mod report;
mod returned;
mod roster;
mod run;
mod slab;
mod supervisor;
mod sync;
mod task;
mod task_info;
mod timers;
mod trace;
mod value;

#[doc(hidden)]
pub mod private;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;

pub mod guide;

pub use ambient::Scope;
pub use builder::{Bounded, Returns, TaskBuilder, Unbounded, task};
pub use cancellation::{Cause, Origin};
pub use context::Context;
pub use counts::{Counts, FunctionCounts, Tally};
#[doc(inline)]
pub use detached_macros::background;
pub use drain::{DrainReport, Drained, RejectedCalls};
pub use entry::TaskState;
pub use function::{Level, Overflow, Trace};
pub use inherit::{Capture, Inherit};
pub use key::Key;
#[cfg(feature = "metrics")]
#[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
pub use metrics::Metrics;
pub use observer::Observer;
pub use outcome::{Failure, Outcome, OutcomeKind, Panic, Reason};
pub use supervisor::{AlreadyInstalled, Supervisor, SupervisorBuilder};
pub use task::{Task, TaskError, TaskId};
pub use task_info::TaskInfo;
pub use value::ValueError;
