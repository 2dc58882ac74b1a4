//! `DrainReport`: what a drain says at its end.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::roster::{Drained, RejectedCalls};

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
