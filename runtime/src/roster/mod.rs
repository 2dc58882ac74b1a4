//! The live tasks of one supervisor: entries in shards, which serve listing, counting, deadlines and cancellation, with
//! the clock and the timers that wake them.
//!
//! Uses `function`, the context's room and the outcome's. It runs nothing: it knows neither supervisor nor task, and a timer
//! that outlives it asks for it through [`timers::Holder`].

mod admission;
mod bound;
mod clock;
mod closures;
mod counters;
mod counts;
mod deadlines;
mod door;
mod drained;
mod ending;
mod entry;
mod ledger;
#[allow(clippy::module_inception)] // the room is named for what it is about, and so is that file
mod roster;
mod shard;
mod slab;
mod stop;
mod task_id;
mod task_info;
mod task_state;
pub(crate) mod time_driver;
mod timer;
mod timers;
mod verdict;
mod wakeup;

pub(crate) use admission::Entered;
pub(crate) use bound::Bound;
pub(crate) use clock::Ticks;
pub(crate) use closures::{Closure, Closures};
pub use counts::{Counts, FunctionCounts, Tally};
pub(crate) use door::{Phase, Refused};
pub use drained::{CountedTasks, Drained};
pub(crate) use ending::Ending;
pub(crate) use entry::{NewEntry, Removed};
pub use ledger::RejectedCalls;
pub(crate) use ledger::{Ledger, List};
pub(crate) use roster::Roster;
pub(crate) use stop::Stop;
pub use task_id::TaskId;
pub use task_info::TaskInfo;
pub(crate) use task_info::shown;
pub use task_state::TaskState;
pub(crate) use timers::{Holder, Timers, WeakHolder};
pub(crate) use verdict::Verdict;
#[cfg(all(test, detached_loom))]
pub(crate) use {entry::Grace, timer::Timer};
