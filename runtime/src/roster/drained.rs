//! The tasks of a drain's report: each by name, and only counted where they are too many for that.

use std::collections::BTreeMap;
use std::panic::Location;
use std::time::Duration;

use super::entry::Entry;
use super::task_id::TaskId;
use tokio::time::Instant;

/// One task of a [`DrainReport`](crate::DrainReport).
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
    /// Whether its work was lost.
    pub(crate) is_lost: bool,
}

impl Drained {
    pub(crate) fn of(entry: &Entry, is_lost: bool, now: Instant) -> Self {
        Self {
            id: entry.task_id(),
            name: entry.function.name,
            module: entry.function.module,
            age: now.saturating_duration_since(entry.called),
            caller: entry.caller,
            is_lost,
        }
    }
}

/// Tasks of a [`DrainReport`](crate::DrainReport) that its lists have no room for: those of one function that were called
/// at one place.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let report = detached::Supervisor::new().drain(std::time::Duration::ZERO).await;
/// for more in &report.counted {
///     eprintln!("{} more tasks of {} {}, called at {}", more.tasks, more.name, more.list, more.caller);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CountedTasks {
    /// The list that they would be in, as the report's table calls it: `"completed"`, `"stopped"`.
    pub list: &'static str,
    /// The function's name, or what its `name` option says.
    pub name: &'static str,
    /// Where the calls were made.
    pub caller: &'static Location<'static>,
    /// How many there are.
    pub tasks: u64,
    /// The longest time from a call to its task's end.
    pub oldest: Duration,
    /// Whether their work was lost.
    pub(crate) is_lost: bool,
}

/// A list that may grow without end: the first tasks by name, and how many there were of the others.
#[derive(Clone, Default)]
pub(crate) struct Roll {
    pub(crate) named: Vec<Drained>,
    counted: BTreeMap<Kind, (u64, Duration)>,
}

/// What tasks are counted together by: their function, the place of the call, and whether their work was lost.
type Kind = (&'static str, &'static Location<'static>, bool);

impl Roll {
    /// Adds a task: by name, where there are less than `most` so far.
    pub(super) fn push(&mut self, task: Drained, most: usize) {
        if self.named.len() < most {
            self.named.push(task);
        } else {
            self.count((task.name, task.caller, task.is_lost), 1, task.age);
        }
    }

    pub(super) fn add(&mut self, other: &Self, most: usize) {
        for task in &other.named {
            self.push(task.clone(), most);
        }
        for (kind, (tasks, oldest)) in &other.counted {
            self.count(*kind, *tasks, *oldest);
        }
    }

    fn count(&mut self, kind: Kind, tasks: u64, age: Duration) {
        let (sum, oldest) = self.counted.entry(kind).or_default();
        *sum += tasks;
        *oldest = age.max(*oldest);
    }

    /// Those that were only counted; `list` is what the list is called.
    pub(crate) fn counted(&self, list: &'static str) -> impl Iterator<Item = CountedTasks> {
        let counted = self.counted.iter();
        counted.map(move |(&(name, caller, is_lost), &(tasks, oldest))| CountedTasks {
            list,
            name,
            caller,
            tasks,
            oldest,
            is_lost,
        })
    }
}
