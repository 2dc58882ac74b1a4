//! The handle: to await a task, to leave it alone, to cancel it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use detached::{Bounded, Cause, Context, OutcomeKind, Task, TaskBuilder, TaskError, background};
use detached_tests::witness::{Seen, Witness};
use tokio::time::{Instant, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

#[background(timeout = "1m")]
async fn sum(one: u64, other: u64) -> u64 {
    sleep(SECOND).await;
    one + other
}

fn bounded(witness: &Witness, name: &'static str) -> TaskBuilder<Bounded> {
    witness.task(name).timeout(60 * SECOND)
}

async fn endless() {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn awaited_it_gives_what_the_function_returned() {
    let witness = Witness::new();
    witness.supervisor.scope(async { assert_eq!(sum(1, 2).await, Ok(3)) }).await;
    assert_eq!(witness.check().function("sum").completed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_given_up_can_be_taken_up_again() {
    let witness = Witness::new();
    let mut task = witness.supervisor.scope(async { sum(1, 2) }).await;
    for _ in 0..3 {
        assert!(timeout(SECOND / 4, &mut task).await.is_err());
    }
    assert_eq!(task.await, Ok(3));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_dropped_leaves_the_task_running() {
    let witness = Witness::new();
    let handler = witness.supervisor.scope(async { sum(1, 2).await });
    assert!(timeout(SECOND / 2, handler).await.is_err());
    assert_eq!(witness.check().running, 1);
    witness.supervisor.idle().await;
    assert_eq!(witness.check().completed, 1);
}

#[tokio::test(start_paused = true)]
async fn to_drop_it_is_to_leave_the_task_alone() {
    let witness = Witness::new();
    let began = Instant::now();
    drop(bounded(&witness, "alone").spawn(sleep(SECOND)));
    witness.supervisor.idle().await;
    assert_eq!((witness.check().completed, began.elapsed()), (1, SECOND));
}

#[tokio::test(start_paused = true)]
async fn an_error_is_reported_once_whether_or_not_somebody_awaits_it() {
    let witness = Witness::new();
    let fails = || bounded(&witness, "fails").spawn(async { Err::<(), _>("no") });
    let panics = || -> Task<()> { bounded(&witness, "panics").spawn(async { panic!("as it is to") }) };
    assert_eq!(fails().await, Ok(Err("no")));
    assert_eq!(panics().await, Err(TaskError::Panicked));
    drop((fails(), panics()));
    witness.supervisor.idle().await;
    let counts = witness.check();
    assert_eq!((counts.failed, counts.panicked), (2, 2));
    assert_eq!((witness.recording.outcomes("fails").len(), witness.recording.outcomes("panics").len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn it_knows_its_number_and_its_name_and_whether_it_has_ended() {
    let witness = Witness::new();
    let task = bounded(&witness, "named").spawn(sleep(SECOND));
    assert_eq!(task.name(), "named");
    assert_eq!(format!("{task:?}"), format!("Task {{ id: {:?}, name: \"named\", is_finished: false, .. }}", task.id()));
    assert_eq!(witness.supervisor.tasks()[0].id(), task.id());
    assert!(!task.is_finished());
    sleep(2 * SECOND).await;
    assert!(task.is_finished());
    assert_eq!(task.await, Ok(()));

    let rejected = witness.task("rejected").timeout(Duration::ZERO).spawn(async {});
    assert!(rejected.is_finished());
    assert_eq!(rejected.name(), "rejected");

    let ids: HashSet<_> = (0..100).map(|_| bounded(&witness, "numbered").spawn(async {}).id()).collect();
    assert_eq!(ids.len(), 100);
    assert!(!ids.contains(&rejected.id()));
    witness.supervisor.idle().await;
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_task_ends_where_it_waits_with_the_first_cause() {
    let witness = Witness::new();
    let task = bounded(&witness, "cancelled").spawn(endless());
    sleep(SECOND).await;
    task.cancel("first");
    task.cancel(Cause::Disconnected);
    let began = Instant::now();
    assert_eq!(task.await, Err(TaskError::Cancelled("first".into())));
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(witness.recording.outcome("cancelled").field("cause"), Some("first"));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_cancelled_before_it_starts_never_does() {
    let witness = Witness::new();
    // A grace is for a body that runs; this one never does.
    let task: Task<()> =
        bounded(&witness, "unstarted").grace(SECOND).spawn(async { unreachable!("it is not to start") });
    task.cancel("at once");
    assert_eq!(task.await, Err(TaskError::Cancelled("at once".into())));
    assert_eq!(witness.seen(), [Seen::End("unstarted", OutcomeKind::Cancelled)]);
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn to_cancel_a_task_that_has_ended_changes_nothing() {
    let witness = Witness::new();
    let mut task = bounded(&witness, "ended").spawn(async {});
    assert_eq!((&mut task).await, Ok(()));
    task.cancel("too late");
    // Its place on the roster is another's by now.
    let other = bounded(&witness, "other").spawn(sleep(SECOND));
    task.cancel("too late");
    assert_eq!(other.await, Ok(()));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_body_is_told_and_may_end_by_itself_within_its_grace() {
    let witness = Witness::new();
    let tidy = bounded(&witness, "tidy").grace(SECOND).spawn(async {
        Context::current().cancelled().await;
        assert_eq!(Context::current().cause(), Some("enough".into()));
        sleep(SECOND - Duration::from_millis(1)).await;
        Ok::<_, &str>("tidied up")
    });
    let slow = bounded(&witness, "slow").grace(SECOND).spawn(endless());
    sleep(SECOND).await;
    let began = Instant::now();
    tidy.cancel("enough");
    slow.cancel("enough");
    assert_eq!(tidy.await, Ok(Ok("tidied up")));
    assert_eq!(slow.await, Err(TaskError::Cancelled("enough".into())));
    assert_eq!(began.elapsed(), SECOND);
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn abort_on_drop_cancels_what_is_not_awaited_to_the_end() {
    let witness = Witness::new();
    let waiter = bounded(&witness, "aborted").spawn(endless()).abort_on_drop();
    assert!(timeout(SECOND, waiter).await.is_err());
    witness.supervisor.idle().await;
    let event = witness.recording.outcome("aborted");
    assert_eq!((event.field("outcome"), event.field("cause")), (Some("cancelled"), Some("its handle was dropped")));

    let awaited = bounded(&witness, "awaited").spawn(sleep(SECOND)).abort_on_drop();
    assert_eq!(awaited.await, Ok(()));
    assert_eq!(witness.check().function("awaited").completed, 1);
}

#[tokio::test(start_paused = true)]
async fn the_drops_of_a_body_that_is_cut_off_see_the_tasks_context() {
    struct Looks(Arc<AtomicBool>);
    impl Drop for Looks {
        fn drop(&mut self) {
            self.0.store(Context::current().get::<u64>("user_id") == Ok(7), Ordering::Relaxed);
        }
    }
    let witness = Witness::new();
    let saw = Arc::new(AtomicBool::new(false));
    let looks = Looks(Arc::clone(&saw));
    let request = Context::new().with("user_id", 7_u64);
    let task = bounded(&witness, "cut off").inherit(&"user_id").context(&request).spawn(async move {
        let _looks = looks;
        endless().await;
    });
    sleep(SECOND).await;
    task.cancel("enough");
    assert!(task.await.is_err());
    assert!(saw.load(Ordering::Relaxed));
    witness.check();
}

#[test]
fn awaited_after_its_runtime_is_gone_it_says_so() {
    let witness = Witness::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let task = runtime.block_on(async { bounded(&witness, "lost").spawn(endless()) });
    drop(runtime);
    let other = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(other.block_on(task), Err(TaskError::Cancelled(Cause::RuntimeStopped)));
    assert_eq!(witness.check().cancelled, 1);
}

#[test]
fn the_errors_say_what_happened() {
    let shown = [
        (TaskError::TimedOut, "the task timed out"),
        (TaskError::Panicked, "the task panicked"),
        (TaskError::Cancelled(Cause::Shutdown), "the task was cancelled: shutdown"),
        (TaskError::Cancelled(Cause::RuntimeStopped), "the task was cancelled: runtime stopped"),
        (TaskError::Rejected(detached::Reason::Draining), "the call was rejected: the supervisor is draining"),
    ];
    for (error, text) in shown {
        assert_eq!(error.clone().to_string(), text);
        let _: &dyn std::error::Error = &error;
    }
}
