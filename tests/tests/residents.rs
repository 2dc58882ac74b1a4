//! Residents: tasks that live as long as the process (`shutdown = "cancel"`), which nobody waits for but a drain.

use std::future::pending;
use std::time::Duration;

use detached::testing::TestSupervisor;
use detached::{OutcomeKind, Supervisor, background};
use detached_tests::poll::within_a_day;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

#[background(timeout = "none", shutdown = "cancel")]
async fn watch() {
    pending().await
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
