//! The drain: close admission, wait, cancel what is left, report.

use std::collections::BTreeMap;
use std::time::Duration;

use super::drain_report::DrainReport;
use super::supervisor::Supervisor;
use crate::roster::{Drained, Ledger, List};

/// How long the drain waits, once all grace is over, for one more task to leave before it takes the rest for stuck. Long
/// enough for a busy machine to poll some cancelled task, short beside any grace period.
const SETTLE: Duration = Duration::from_millis(100);

impl Supervisor {
    /// Ends the supervisor's work in good order, for the end of `main`. Where there is a server, [`serve_until`](Self::serve_until)
    /// ends both in the right order.
    ///
    /// 1. It cancels the residents, which are the tasks of functions with `shutdown = "cancel"`; the others can see
    ///    [`Context::is_draining`](crate::Context::is_draining).
    /// 2. It closes admission. Calls of tasks and closures that still run are accepted, all others are rejected.
    /// 3. It waits until no task is live, residents included, and no closure of [`spawn_blocking`](crate::spawn_blocking) runs, at
    ///    most `grace`, and no longer than needed.
    /// 4. It cancels what is left with [`Cause::Shutdown`](crate::Cause::Shutdown) and lets each task have its own `grace`.
    /// 5. It reports by name what completed, failed, was cancelled, and was abandoned: a body that blocks its thread, or a
    ///    closure that runs on, can be neither waited for nor stopped, and the drain returns all the same. The report also lists what was cut
    ///    off by the end of a tokio runtime, since the supervisor was made.
    ///
    /// The supervisor stays closed. A second drain, at the same time or later, goes through the same steps with its
    /// own `grace` and reports on everything that ended since the first began.
    ///
    /// To be called outside of the supervisor's own tasks: one that awaits the drain is itself waited for, and cut off.
    ///
    /// # Cancellation
    ///
    /// When the future is dropped, admission stays closed and tasks go on; call it again to go on with the drain.
    ///
    /// # Panics
    ///
    /// When the tokio runtime has no time driver.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = detached::Supervisor::new();
    /// let task = supervisor.scope(async { ping() }).await;
    /// let report = supervisor.drain(std::time::Duration::from_secs(10)).await;
    /// assert_eq!(report.completed[0].name, "ping");
    /// assert!(report.is_clean());
    /// # }
    /// ```
    pub async fn drain(&self, grace: Duration) -> DrainReport {
        self.announce();
        self.close();
        if !self.is_empty_within(grace).await {
            self.stop_all();
            settle(self).await;
        }
        report(self)
    }
}

/// Waits until the cancelled tasks are gone, or all have had their own grace and no more of them leave.
async fn settle(supervisor: &Supervisor) {
    let mut longest = Duration::ZERO;
    supervisor.roster().for_each(|entry| longest = longest.max(entry.function.options.grace));
    if supervisor.is_empty_within(longest).await {
        return;
    }
    let mut live = supervisor.live();
    while !supervisor.is_empty_within(SETTLE).await {
        let left = supervisor.live();
        if left >= live {
            return;
        }
        live = left;
    }
}

fn report(supervisor: &Supervisor) -> DrainReport {
    let roster = supervisor.roster();
    // The live ones first: one that ends meanwhile is in a list of the ended too, and counts as ended.
    let now = supervisor.now();
    let mut abandoned = BTreeMap::new();
    roster.for_each(|entry| abandoned.extend([(entry.task_id(), Drained::of(entry, true, now))]));
    abandoned.extend(supervisor.left_over().into_iter().map(|closure| (closure.id, closure)));
    let mut ledger = Ledger::default();
    roster.add_ledgers(&mut ledger);
    ledger.ended.insert(List::Stopped, roster.stopped_with_runtime());
    for ended in ledger.ended.values().flat_map(|roll| &roll.named) {
        abandoned.remove(&ended.id);
    }
    let counted = ledger.ended.iter().flat_map(|(list, roll)| roll.counted(list.name())).collect();
    let mut take = |list| ledger.ended.remove(&list).unwrap_or_default().named;
    DrainReport {
        completed: take(List::Completed),
        failed: take(List::Failed),
        timed_out: take(List::TimedOut),
        panicked: take(List::Panicked),
        cancelled: take(List::Cancelled),
        residents: take(List::Residents),
        stopped: take(List::Stopped),
        abandoned: abandoned.into_values().collect(),
        rejected: ledger.rejected(),
        counted,
        is_part: false,
    }
}
