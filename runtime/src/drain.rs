//! The drain: close admission, wait, cancel what is left, report.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::cancellation::Cause;
use crate::entry::{Entry, Stop};
use crate::function::Function;
use crate::outcome::OutcomeKind;
use crate::supervisor::Supervisor;
use crate::task::TaskId;

/// How long the drain waits, once all grace is over, for one more task to leave before it takes the rest for stuck. Long
/// enough for a busy machine to poll some cancelled task, short beside any grace period.
const SETTLE: Duration = Duration::from_millis(100);

/// The steps that [`Supervisor::drain`] describes.
pub(crate) async fn drain(supervisor: &Supervisor, grace: Duration) -> DrainReport {
    supervisor.close();
    let shutdown = Stop::Cancelled(Arc::new(Cause::Shutdown));
    supervisor.roster().stop_all(&shutdown, |entry| entry.function.options.cancel_at_shutdown);
    if timeout(grace, supervisor.idle()).await.is_err() {
        supervisor.begin_stopping();
        supervisor.roster().stop_all(&shutdown, |_| true);
        settle(supervisor).await;
    }
    report(supervisor)
}

/// Waits until the cancelled tasks are gone, or all have had their own grace and no more of them leave.
async fn settle(supervisor: &Supervisor) {
    let mut longest = Duration::ZERO;
    supervisor.roster().for_each(|entry| longest = longest.max(entry.function.options.grace));
    if timeout(longest, supervisor.idle()).await.is_ok() {
        return;
    }
    let mut live = supervisor.live();
    while timeout(SETTLE, supervisor.idle()).await.is_err() {
        let left = supervisor.live();
        if left >= live {
            return;
        }
        live = left;
    }
}

fn report(supervisor: &Supervisor) -> DrainReport {
    // The live ones first: one that ends meanwhile is in the ledger too, and counts as ended.
    let now = Instant::now();
    let mut abandoned = BTreeMap::new();
    supervisor.roster().for_each(|entry| abandoned.extend([(entry.task_id(), Drained::of(entry, now))]));
    let mut ledger = Ledger::default();
    supervisor.roster().add_ledgers(&mut ledger);
    for ended in ledger.ended.values().flatten() {
        abandoned.remove(&ended.id);
    }
    let mut ended = ledger.ended;
    let mut take = |kind| ended.remove(&kind).unwrap_or_default();
    DrainReport {
        completed: take(OutcomeKind::Completed),
        failed: take(OutcomeKind::Failed),
        timed_out: take(OutcomeKind::TimedOut),
        panicked: take(OutcomeKind::Panicked),
        cancelled: take(OutcomeKind::Cancelled),
        rejected: ledger.rejected.into_values().collect(),
        abandoned: abandoned.into_values().collect(),
    }
}

/// What ended in one shard since a drain began.
#[derive(Default)]
pub(crate) struct Ledger {
    ended: BTreeMap<OutcomeKind, Vec<Drained>>,
    /// By function and caller: there may be any number of calls, and only so many places they come from.
    rejected: BTreeMap<(&'static str, &'static Location<'static>), RejectedCalls>,
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

/// What became of the tasks that were live when a drain began, or were called since.
///
/// `Display` prints it as a table, one row for each outcome, function and place of call.
///
/// ```
/// # #[detached::background(timeout = "5s")] async fn ping() {}
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let supervisor = detached::Supervisor::new();
/// supervisor.scope(async { ping(); }).await;
/// let report = supervisor.drain(std::time::Duration::from_secs(10)).await;
/// if !report.is_clean() {
///     eprintln!("work was cut off at shutdown:\n{report}");
/// }
/// # assert_eq!(report.completed[0].name, "ping");
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct DrainReport {
    /// Tasks that completed.
    pub completed: Vec<Drained>,
    /// Tasks that returned an error.
    pub failed: Vec<Drained>,
    /// Tasks that timed out.
    pub timed_out: Vec<Drained>,
    /// Tasks that panicked.
    pub panicked: Vec<Drained>,
    /// Tasks that were cancelled, by the drain or otherwise.
    pub cancelled: Vec<Drained>,
    /// Calls that were rejected, most of them since the supervisor was draining.
    pub rejected: Vec<RejectedCalls>,
    /// Tasks that were still live at the end: they did not stop when they were told to, such as a body that blocks
    /// its thread. The end of the process cuts them off.
    pub abandoned: Vec<Drained>,
}

impl DrainReport {
    /// Whether every task came to an end of its own: none was cancelled or abandoned, and no call rejected.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let report = detached::Supervisor::new().drain(std::time::Duration::ZERO).await;
    /// assert!(report.is_clean());
    /// # }
    /// ```
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.cancelled.is_empty() && self.abandoned.is_empty() && self.rejected.is_empty()
    }

    fn lists(&self) -> [(&'static str, &[Drained]); 6] {
        [
            ("completed", &self.completed),
            ("failed", &self.failed),
            ("timed out", &self.timed_out),
            ("panicked", &self.panicked),
            ("cancelled", &self.cancelled),
            ("abandoned", &self.abandoned),
        ]
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
    fn of(entry: &Entry, now: Instant) -> Self {
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

/// One row of the table.
struct Row {
    outcome: &'static str,
    name: &'static str,
    tasks: u64,
    oldest: Option<Duration>,
    caller: &'static Location<'static>,
}

impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = Vec::new();
        for (outcome, list) in self.lists() {
            let mut places: BTreeMap<_, (u64, Duration)> = BTreeMap::new();
            for task in list {
                let (tasks, oldest) = places.entry((task.name, task.caller)).or_default();
                *tasks += 1;
                *oldest = task.age.max(*oldest);
            }
            rows.extend(places.into_iter().map(|((name, caller), (tasks, oldest))| Row {
                outcome,
                name,
                tasks,
                oldest: Some(oldest),
                caller,
            }));
        }
        rows.extend(self.rejected.iter().map(|rejected| Row {
            outcome: "rejected",
            name: rejected.name,
            tasks: rejected.calls,
            oldest: None,
            caller: rejected.caller,
        }));
        write_table(f, &rows)
    }
}

fn write_table(f: &mut fmt::Formatter<'_>, rows: &[Row]) -> fmt::Result {
    if rows.is_empty() {
        return f.write_str("nothing was running");
    }
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max("task".len());
    write!(f, "{:<10} {:<width$} {:>8} {:>10}  called at", "outcome", "task", "tasks", "oldest")?;
    for Row { outcome, name, tasks, oldest, caller } in rows {
        let oldest = oldest.map_or_else(String::new, |oldest| format!("{:.3}s", oldest.as_secs_f64()));
        write!(f, "\n{outcome:<10} {name:<width$} {tasks:>8} {oldest:>10}  {caller}")?;
    }
    Ok(())
}
