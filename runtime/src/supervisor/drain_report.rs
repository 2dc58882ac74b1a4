//! `DrainReport`: what a drain says at its end.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::line::on_one_line;
use crate::outcome::Reason;
use crate::roster::{CountedTasks, Drained, List, RejectedCalls};

/// What became of the tasks that were live when a drain began, or were called since; and of those that a stopped tokio
/// runtime had cut off before.
///
/// [`lost`](Self::lost) is the part of it that nobody has seen to an end. `Display` prints a table, one row for each
/// list, function and place of call.
///
/// ```
/// # #[detached::background(timeout = "5s")] async fn ping() {}
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let supervisor = detached::Supervisor::new();
/// supervisor.scope(async { ping(); }).await;
/// let report = supervisor.drain(std::time::Duration::from_secs(10)).await;
/// if !report.is_clean() {
///     eprintln!("work was lost at shutdown:\n{}", report.lost());
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
    /// Tasks that were cancelled: by the drain at the end of its grace, or by the program.
    pub cancelled: Vec<Drained>,
    /// Tasks of functions with `shutdown = "cancel"` that ended as the drain asked them to: cancelled, or completed
    /// within their `grace`.
    pub residents: Vec<Drained>,
    /// Tasks that were cut off by the end of the tokio runtime they ran in, during the drain or at any time before it
    /// ([`Cause::RuntimeStopped`](crate::Cause::RuntimeStopped)). The first thousand; the others are in
    /// [`counted`](Self::counted).
    pub stopped: Vec<Drained>,
    /// Tasks that were still live at the end: they did not stop when they were told to, such as a body that blocks
    /// its thread. And closures of [`spawn_blocking`](crate::spawn_blocking) that still ran, and whose tasks are gone; `name` is
    /// `spawn_blocking` then. The end of the process cuts them off.
    pub abandoned: Vec<Drained>,
    /// Calls that were rejected since the drain began, for whatever reason: one row for each function, place and reason.
    pub rejected: Vec<RejectedCalls>,
    /// How many tasks there are beyond those listed, where a list has no room for all: it has the first ten thousand.
    pub counted: Vec<CountedTasks>,
    /// It is the part of another one that was lost.
    pub(super) is_part: bool,
}

impl DrainReport {
    /// The part of the report that was lost: tasks that the drain or a stopped runtime cancelled, tasks that were
    /// abandoned, and rejected calls.
    ///
    /// A resident's end is no loss. Nor is what failed, timed out, panicked or was cancelled by the program: that came to
    /// an end of its own, and has an event of its own.
    ///
    /// ```
    /// use std::future::pending;
    /// use std::time::Duration;
    /// use detached::{Supervisor, background};
    ///
    /// #[background(timeout = "60s")]
    /// async fn save() { pending().await }
    ///
    /// #[background(timeout = "none", shutdown = "cancel")]
    /// async fn watch() { pending().await }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let supervisor = Supervisor::new();
    /// supervisor.scope(async { (save(), watch()) }).await;
    /// let report = supervisor.drain(Duration::from_secs(10)).await;
    /// assert_eq!((report.cancelled.len(), report.residents.len()), (1, 1));
    ///
    /// let lost = report.lost();
    /// assert_eq!((lost.cancelled[0].name, lost.residents.len()), ("save", 0));
    /// # }
    /// ```
    #[must_use]
    pub fn lost(&self) -> Self {
        let lost = |list: &[Drained]| list.iter().filter(|task| task.is_lost).cloned().collect();
        Self {
            cancelled: lost(&self.cancelled),
            stopped: lost(&self.stopped),
            abandoned: lost(&self.abandoned),
            rejected: self.rejected.clone(),
            counted: self.counted.iter().filter(|counted| counted.is_lost).cloned().collect(),
            is_part: true,
            ..Self::default()
        }
    }

    /// Whether nothing was [lost](Self::lost).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let report = detached::Supervisor::new().drain(std::time::Duration::ZERO).await;
    /// assert!(report.is_clean());
    /// # }
    /// ```
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let is_lost = self.lists().iter().any(|(_, list)| list.iter().any(|task| task.is_lost));
        !is_lost && self.rejected.is_empty() && !self.counted.iter().any(|counted| counted.is_lost)
    }

    fn lists(&self) -> [(&'static str, &[Drained]); 8] {
        [
            (List::Completed.name(), &self.completed),
            (List::Failed.name(), &self.failed),
            (List::TimedOut.name(), &self.timed_out),
            (List::Panicked.name(), &self.panicked),
            (List::Cancelled.name(), &self.cancelled),
            (List::Residents.name(), &self.residents),
            (List::Stopped.name(), &self.stopped),
            ("abandoned", &self.abandoned),
        ]
    }
}

/// One row of the table.
struct Row<'a> {
    list: &'static str,
    name: Cow<'static, str>,
    tasks: u64,
    oldest: Option<Duration>,
    caller: &'static Location<'static>,
    reason: Option<&'a Reason>,
}

impl DrainReport {
    fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        for (list, tasks) in self.lists() {
            let mut places: BTreeMap<_, (u64, Duration)> = BTreeMap::new();
            let counted = self.counted.iter().filter(|counted| counted.list == list);
            let counted = counted.map(|counted| (counted.name, counted.caller, counted.tasks, counted.oldest));
            for (name, caller, more, age) in tasks.iter().map(|t| (t.name, t.caller, 1, t.age)).chain(counted) {
                let (tasks, oldest) = places.entry((name, caller)).or_default();
                *tasks += more;
                *oldest = age.max(*oldest);
            }
            rows.extend(places.into_iter().map(|((name, caller), (tasks, oldest))| Row {
                list,
                name: on_one_line(name),
                tasks,
                oldest: Some(oldest),
                caller,
                reason: None,
            }));
        }
        rows.extend(self.rejected.iter().map(|rejected| Row {
            list: "rejected",
            name: on_one_line(rejected.name),
            tasks: rejected.calls,
            oldest: None,
            caller: rejected.caller,
            reason: Some(&rejected.reason),
        }));
        rows
    }
}

impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        if rows.is_empty() {
            return f.write_str(if self.is_part { "nothing was lost" } else { "nothing was running" });
        }
        let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max("task".len());
        write!(f, "{:<10} {:<width$} {:>8} {:>10}  called at", "outcome", "task", "tasks", "oldest")?;
        for Row { list, name, tasks, oldest, caller, reason } in rows {
            let oldest = oldest.map_or_else(String::new, |oldest| format!("{:.3}s", oldest.as_secs_f64()));
            write!(f, "\n{list:<10} {name:<width$} {tasks:>8} {oldest:>10}  {caller}")?;
            if let Some(reason) = reason {
                write!(f, ": {reason}")?;
            }
        }
        Ok(())
    }
}
