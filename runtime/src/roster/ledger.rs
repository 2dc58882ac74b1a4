//! What ended since a drain began: tasks by name, rejected calls by place and reason, shard by shard.

use std::collections::{BTreeMap, HashMap};
use std::panic::Location;

use super::drained::{Drained, Roll};
use super::ending::Ending;
use super::entry::Entry;
use super::stop::Stop;
use crate::function::Function;
use crate::outcome::{Outcome, Reason};
use tokio::time::Instant;

/// How many tasks of one list are remembered by name: a drain may be long, and tasks may go on calling others all the while.
const NAMED: usize = 10_000;

/// The lists that a task may end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum List {
    Completed,
    Failed,
    TimedOut,
    Panicked,
    Cancelled,
    Residents,
    Stopped,
}

impl List {
    /// What a report's table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
            Self::Residents => "resident",
            Self::Stopped => "stopped",
        }
    }
}

/// A function, a place that calls it, and why such a call was rejected.
type Rejection = (&'static str, &'static Location<'static>, Reason);

/// What ended in one shard since a drain began.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) ended: BTreeMap<List, Roll>,
    /// There may be any number of calls, and only so many places and reasons.
    rejected: HashMap<Rejection, u64>,
}

impl Ledger {
    pub(crate) fn end(&mut self, entry: &Entry, outcome: &Outcome<'_>, now: Instant) {
        let ending = Ending::new(entry.function, outcome, entry.stop.as_ref());
        let list = match outcome {
            _ if ending.is_asked_for() => List::Residents,
            Outcome::Completed => List::Completed,
            Outcome::Failed(_) => List::Failed,
            Outcome::TimedOut => List::TimedOut,
            Outcome::Panicked(_) => List::Panicked,
            Outcome::Cancelled(_) => List::Cancelled,
            Outcome::Rejected(reason) => return self.reject(entry.function, entry.caller, reason),
        };
        let is_lost = list == List::Cancelled && matches!(entry.stop, Some(Stop::Shutdown));
        self.ended.entry(list).or_default().push(Drained::of(entry, is_lost, now), NAMED);
    }

    pub(crate) fn reject(&mut self, function: &Function, caller: &'static Location<'static>, reason: &Reason) {
        *self.rejected.entry((function.name, caller, reason.clone())).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (list, ended) in &other.ended {
            self.ended.entry(*list).or_default().add(ended, NAMED);
        }
        for (rejection, calls) in &other.rejected {
            *self.rejected.entry(rejection.clone()).or_default() += calls;
        }
    }

    /// In the order of names and places.
    pub(crate) fn rejected(self) -> Vec<RejectedCalls> {
        let rejected = self.rejected.into_iter();
        let mut rejected: Vec<_> =
            rejected.map(|((name, caller, reason), calls)| RejectedCalls { name, caller, reason, calls }).collect();
        rejected.sort_by_cached_key(|calls| (calls.name, calls.caller, calls.reason.to_string()));
        rejected
    }
}

/// The rejected calls of a [`DrainReport`](crate::DrainReport) that came from one place and were rejected for one reason.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let report = detached::Supervisor::new().drain(std::time::Duration::ZERO).await;
/// for rejected in &report.rejected {
///     eprintln!("{} calls of {} at {}: {}", rejected.calls, rejected.name, rejected.caller, rejected.reason);
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
    /// Why they were rejected; [`Reason::Draining`] for those that came too late.
    pub reason: Reason,
    /// How many there were.
    pub calls: u64,
}
