//! Timeouts and graces, to the millisecond.

use std::time::Duration;

use detached::{Cause, Context, Overflow, Reason, TaskError, TaskState};
use detached_tests::witness::Witness;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

async fn endless() {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_timeout_comes_to_the_millisecond() {
    let witness = Witness::new();
    // From the shortest on, and then each shorter than the one before: the timer is told of the earlier ones.
    let mut bounds = vec![1, 2, 999, 1000, 1001, 60_000, 3_600_000];
    bounds.extend([5000, 500, 50, 5]);
    let began = Instant::now();
    let tasks: Vec<_> = bounds
        .into_iter()
        .map(Duration::from_millis)
        .map(|bound| {
            let task = witness.task("bounded").timeout(bound).spawn(endless());
            tokio::spawn(async move { (bound, task.await, began.elapsed()) })
        })
        .collect();
    for task in tasks {
        let (bound, result, elapsed) = task.await.unwrap();
        assert_eq!((result, elapsed), (Err(TaskError::TimedOut), bound));
    }
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn an_earlier_deadline_that_is_set_while_the_timer_sleeps_is_kept() {
    let witness = Witness::new();
    let long = witness.task("long").timeout(60 * SECOND).spawn(endless());
    sleep(SECOND).await;
    let began = Instant::now();
    let short = witness.task("short").timeout(SECOND).spawn(endless());
    assert_eq!(short.await, Err(TaskError::TimedOut));
    assert_eq!(began.elapsed(), SECOND);
    assert_eq!(long.await, Err(TaskError::TimedOut));
    assert_eq!(began.elapsed(), 59 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_in_time_is_not_timed_out() {
    let witness = Witness::new();
    let task = witness.task("in time").timeout(SECOND).spawn(sleep(SECOND - MILLISECOND));
    assert_eq!(task.await, Ok(()));
    // Its alarm is left behind, and its place may be another's when it rings.
    let other = witness.task("other").timeout(SECOND).spawn(sleep(SECOND - MILLISECOND));
    assert_eq!(other.await, Ok(()));
    assert_eq!(witness.check().completed, 2);
}

#[tokio::test(start_paused = true)]
async fn the_longest_bounds_are_as_good_as_none() {
    let witness = Witness::new();
    let year = SECOND * 60 * 60 * 24 * 365;
    for bound in [400 * year, 600 * year, Duration::MAX] {
        let task = witness.task("long").timeout(bound).grace(bound).spawn(sleep(year));
        assert_eq!(task.await, Ok(()));
        let waits = witness.task("waits").limit(1).overflow(Overflow::Wait).start_timeout(bound).timeout(bound);
        assert_eq!(waits.spawn(sleep(year)).await, Ok(()));
    }
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_bound_of_zero_rejects_the_call() {
    let witness = Witness::new();
    let task = witness.task("zero").timeout(Duration::ZERO).spawn(endless());
    assert_eq!(task.await, Err(TaskError::Rejected(Reason::ZeroTimeout)));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_start_timeout_of_zero_rejects_who_would_have_to_wait_at_all() {
    let witness = Witness::new();
    let limited = || witness.task("now or never").limit(1).overflow(Overflow::Wait).start_timeout(Duration::ZERO);
    let runs = limited().timeout(SECOND).spawn(sleep(MILLISECOND));
    let waits = limited().timeout(SECOND).spawn(endless());
    assert_eq!(waits.await, Err(TaskError::Rejected(Reason::StartTimedOut)));
    assert_eq!(runs.await, Ok(()));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn after_a_timeout_the_body_is_told_and_has_its_grace() {
    let witness = Witness::new();
    let began = Instant::now();
    let tidy = witness.task("tidy").timeout(SECOND).grace(2 * SECOND).spawn(async move {
        let context = Context::current();
        context.cancelled().await;
        assert_eq!((began.elapsed(), context.cause()), (SECOND, Some(Cause::TimedOut)));
        sleep(2 * SECOND - MILLISECOND).await;
    });
    let slow = witness.task("slow").timeout(SECOND).grace(2 * SECOND).spawn(endless());
    let at_once = witness.task("at once").timeout(SECOND).spawn(async {
        Context::current().cancelled().await;
        endless().await;
    });
    assert_eq!((at_once.await, began.elapsed()), (Err(TaskError::TimedOut), SECOND));
    let states: Vec<_> = witness.supervisor.tasks().iter().map(|task| (task.name(), task.state())).collect();
    assert_eq!(states.len(), 2);
    assert!(states.iter().all(|(_, state)| *state == TaskState::Stopping), "{states:?}");
    assert_eq!(tidy.await, Ok(()));
    assert_eq!((slow.await, began.elapsed()), (Err(TaskError::TimedOut), 3 * SECOND));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_passes_after_a_cancellation_does_not_cut_the_grace_short() {
    let witness = Witness::new();
    // Before the next poll of the task, in the very instant of its deadline.
    let at_once = witness.task("in that instant").timeout(SECOND).grace(5 * SECOND).spawn(endless());
    let began = Instant::now();
    sleep(SECOND).await;
    at_once.cancel("enough");
    assert_eq!((at_once.await, began.elapsed()), (Err(TaskError::Cancelled("enough".into())), 6 * SECOND));

    // And in the midst of its grace.
    let later = witness.task("later").timeout(SECOND).grace(5 * SECOND).spawn(endless());
    let began = Instant::now();
    sleep(SECOND / 2).await;
    later.cancel("enough");
    assert_eq!((later.await, began.elapsed()), (Err(TaskError::Cancelled("enough".into())), 11 * SECOND / 2));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_in_the_grace_of_a_timeout_changes_nothing() {
    let witness = Witness::new();
    let task = witness.task("timed out").timeout(SECOND).grace(5 * SECOND).spawn(endless());
    let began = Instant::now();
    sleep(3 * SECOND).await;
    task.cancel("too late");
    assert_eq!((task.await, began.elapsed()), (Err(TaskError::TimedOut), 6 * SECOND));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_always_ready_to_go_on_is_stopped_where_it_yields() {
    let witness = Witness::new();
    let task = witness.task("busy").timeout(SECOND).spawn(async {
        loop {
            // A busy body keeps the paused clock from advancing by itself.
            tokio::time::advance(MILLISECOND).await;
        }
        #[allow(unreachable_code)]
        ()
    });
    let began = Instant::now();
    assert_eq!(task.await, Err(TaskError::TimedOut));
    assert!(began.elapsed() < SECOND + 5 * MILLISECOND, "{:?}", began.elapsed());
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn lists_and_contexts_tell_the_deadline() {
    let witness = Witness::new();
    let began = Instant::now();
    let task = witness.task("bounded").timeout(5 * SECOND).spawn(async move {
        sleep(SECOND).await;
        assert_eq!(Context::current().deadline(), Some(began + 5 * SECOND));
        assert_eq!(Context::current().remaining(), Some(4 * SECOND));
        endless().await;
    });
    sleep(2 * SECOND).await;
    let listed = &witness.supervisor.tasks()[0];
    assert_eq!((listed.deadline(), listed.age()), (Some(began + 5 * SECOND), 2 * SECOND));
    assert_eq!((listed.elapsed(), listed.waited()), (Some(2 * SECOND), Duration::ZERO));
    assert_eq!(task.await, Err(TaskError::TimedOut));
}

/// Far more deadlines than live tasks: what is left of ended tasks is swept, and the rest still ring.
#[tokio::test(start_paused = true)]
async fn deadlines_ring_among_the_remains_of_thousands() {
    let witness = Witness::new();
    let kept = witness.task("kept").timeout(90 * SECOND).spawn(endless());
    let began = Instant::now();
    for _ in 0..100 {
        for _ in 0..100 {
            drop(witness.task("short").timeout(60 * SECOND).spawn(tokio::task::yield_now()));
        }
        sleep(MILLISECOND).await;
    }
    assert_eq!((kept.await, began.elapsed()), (Err(TaskError::TimedOut), 90 * SECOND));
    assert_eq!(witness.supervisor.counts().completed, 10_000);
}
