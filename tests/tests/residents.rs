//! Residents: tasks that live as long as the process (`shutdown = "cancel"`), which nobody waits for but a drain.

use std::future::pending;
use std::time::Duration;

use detached::testing::TestSupervisor;
use detached::{Cause, Context, OutcomeKind, Supervisor, Task, TaskError, background};
use detached_tests::poll::within_a_day;
use detached_tests::witness::Witness;
use tokio::time::{Instant, sleep};
use tracing::Level;

const SECOND: Duration = Duration::from_secs(1);

#[background(timeout = "none", shutdown = "cancel")]
async fn watch() {
    pending().await
}

/// Lets every task that can run do so.
async fn settle() {
    tokio::task::yield_now().await;
}

#[background(timeout = "5s")]
async fn save() {
    sleep(SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn idle_waits_for_all_tasks_but_residents() {
    let supervisor = Supervisor::new();
    let resident = supervisor.scope(async { watch() }).await;
    within_a_day(supervisor.idle()).await;
    let began = Instant::now();
    supervisor.scope(async { save() }).await;
    within_a_day(supervisor.idle()).await;
    assert_eq!((began.elapsed(), resident.is_finished()), (SECOND, false));

    // Its end does not make the supervisor idle while another task runs.
    let task = supervisor.scope(async { save() }).await;
    resident.cancel("enough");
    within_a_day(supervisor.idle()).await;
    assert!(task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_test_runs_beside_residents_and_is_told_of_the_others_only() {
    let test = TestSupervisor::new();
    test.run(async {
        watch();
        save();
    })
    .await;
    test.assert_outcomes("save", [OutcomeKind::Completed]);
    test.assert_outcomes("watch", []);
    assert_eq!(test.supervisor().tasks().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_that_a_drain_asks_for_is_no_loss_and_no_warning() {
    let witness = Witness::new();
    let resident = |name| witness.task(name).cancel_at_shutdown().grace(SECOND).no_timeout();
    let cut = resident("cut").spawn(pending::<()>());
    let completes = resident("completes").spawn(async { Context::current().cancelled().await });
    let other = witness.task("other").no_timeout().spawn(sleep(2 * SECOND));
    settle().await;
    let report = witness.supervisor.drain(10 * SECOND).await;
    assert_eq!((cut.await, completes.await), (Err(TaskError::Cancelled(Cause::Shutdown)), Ok(())));
    assert_eq!(other.await, Ok(()));

    let mut residents: Vec<_> = report.residents.iter().map(|task| (task.name, task.age)).collect();
    residents.sort_unstable();
    assert_eq!(residents, [("completes", Duration::ZERO), ("cut", SECOND)]);
    assert_eq!((report.completed.len(), report.cancelled.len()), (1, 0));
    assert!(report.is_clean() && report.lost().residents.is_empty());
    for name in ["cut", "completes"] {
        assert_eq!(witness.recording.outcome(name).level, Level::INFO, "{name}");
    }
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_residents_that_tidy_up() {
    let supervisor = Supervisor::new();
    let tidies = detached::task("tidies").supervisor(&supervisor).cancel_at_shutdown().grace(5 * SECOND).no_timeout();
    let _detached = tidies.spawn(async {
        Context::current().cancelled().await;
        sleep(2 * SECOND).await;
    });
    settle().await;
    let began = Instant::now();
    let report = supervisor.drain(10 * SECOND).await;
    assert_eq!((report.residents.len(), report.abandoned.len(), began.elapsed()), (1, 0, 2 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_resident_that_fails_or_panics_instead_is_told_as_any_other() {
    let witness = Witness::new();
    let resident = |name| witness.task(name).cancel_at_shutdown().grace(SECOND).no_timeout();
    let _fails = resident("fails").spawn(async {
        Context::current().cancelled().await;
        Err::<(), _>("no")
    });
    let _panics: Task<()> = resident("panics").spawn(async {
        Context::current().cancelled().await;
        panic!("as it is to");
    });
    // What the program cancels is no resident's end.
    let by_program = resident("by the program").spawn(pending::<()>());
    settle().await;
    by_program.cancel("not wanted");
    let report = witness.supervisor.drain(10 * SECOND).await;
    assert_eq!((report.failed.len(), report.panicked.len(), report.cancelled.len()), (1, 1, 1));
    assert_eq!(report.residents, []);
    assert!(report.is_clean());
    for name in ["fails", "panics"] {
        assert_eq!(witness.recording.outcome(name).level, Level::ERROR, "{name}");
    }
    witness.check();
}
