//! One call and its task: snapshot, admission, the run of the body to its outcome, the handle, and the builder.
//!
//! Uses all rooms below. It decides what happens when; how entries are kept, who may enter and what is logged is theirs.

mod admission;
mod builder;
mod call;
mod failed;
mod frame;
mod handle;
mod progress;
mod rare;
mod report;
mod returned;
mod run;
mod spawn;
mod telling;

pub use builder::{Bounded, HasBound, Returns, TaskBuilder, Unbounded, task};
pub use call::Call;
pub use handle::Task;
pub use returned::{Returned, by_type};
