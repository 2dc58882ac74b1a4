//! What ended since a drain began: by name, shard by shard.

use std::collections::BTreeMap;
use std::panic::Location;
use std::time::Duration;

use tokio::time::Instant;

use super::entry::Entry;
use super::task_id::TaskId;
use crate::function::Function;
use crate::outcome::OutcomeKind;

/// What ended in one shard since a drain began.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) ended: BTreeMap<OutcomeKind, Vec<Drained>>,
    /// By function and caller: there may be any number of calls, and only so many places they come from.
    pub(crate) rejected: BTreeMap<(&'static str, &'static Location<'static>), RejectedCalls>,
}

impl Ledger {
    pub(crate) fn end(&mut self, entry: &Entry, kind: OutcomeKind, now: Instant) {
        if kind == OutcomeKind::Rejected {
            return self.reject(entry.function, entry.caller);
        }
        self.ended.entry(kind).or_default().push(Drained::of(entry, now));
    }

    pub(crate) fn reject(&mut self, function: &'static Function, caller: &'static Location<'static>) {
        self.rejected_of(function.name, caller).calls += 1;
    }

    fn rejected_of(&mut self, name: &'static str, caller: &'static Location<'static>) -> &mut RejectedCalls {
        self.rejected.entry((name, caller)).or_insert(RejectedCalls { name, caller, calls: 0 })
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (kind, ended) in &other.ended {
            self.ended.entry(*kind).or_default().extend_from_slice(ended);
        }
        for rejected in other.rejected.values() {
            self.rejected_of(rejected.name, rejected.caller).calls += rejected.calls;
        }
    }
}

/// One task of a [`DrainReport`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let report = detached::Supervisor::new().drain(std::time::Duration::ZERO).await;
/// for task in &report.abandoned {
///     eprintln!("{} (task {}) is stuck after {:?}, called at {}", task.name, task.id, task.age, task.caller);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// The task's number.
    pub id: TaskId,
    /// The function's name, or what its `name` option says.
    pub name: &'static str,
    /// The module of the function.
    pub module: &'static str,
    /// The time from the call to the task's end, or to the report.
    pub age: Duration,
    /// Where the call was made.
    pub caller: &'static Location<'static>,
}

impl Drained {
    pub(crate) fn of(entry: &Entry, now: Instant) -> Self {
        Self {
            id: entry.task_id(),
            name: entry.function.name,
            module: entry.function.module,
            age: now.saturating_duration_since(entry.called),
            caller: entry.caller,
        }
    }
}

/// The rejected calls of a [`DrainReport`] that came from one place.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let report = detached::Supervisor::new().drain(std::time::Duration::ZERO).await;
/// for rejected in &report.rejected {
///     eprintln!("{} late calls of {} at {}", rejected.calls, rejected.name, rejected.caller);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectedCalls {
    /// The function's name, or what its `name` option says.
    pub name: &'static str,
    /// Where the calls were made.
    pub caller: &'static Location<'static>,
    /// How many there were.
    pub calls: u64,
}
