//! What `detached::testing` tells the tests of a program.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use detached::testing::{TestSupervisor, disconnect_at};
use detached::{Context, OutcomeKind, Reason, Supervisor, background};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

#[background(timeout = "5s")]
async fn save(succeeds: bool) -> Result<(), std::io::Error> {
    sleep(SECOND).await;
    if succeeds { Ok(()) } else { Err(std::io::Error::other("disk full")) }
}

#[background(timeout = "5s")]
async fn explode() {
    panic!("as it is to");
}

#[background(timeout = "5s")]
async fn hang() {
    std::future::pending().await
}

#[background(timeout = "none")]
async fn watch() {
    std::future::pending().await
}

/// Runs a test that is to fail, and gives its message.
fn failure(test: impl AsyncFnOnce(&TestSupervisor)) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let supervisor = TestSupervisor::new();
    let panic = catch_unwind(AssertUnwindSafe(|| runtime.block_on(test(&supervisor)))).expect_err("the test fails");
    *panic.downcast::<String>().expect("a message")
}

#[tokio::test(start_paused = true)]
async fn a_run_gives_the_output_once_all_tasks_have_ended() {
    let test = TestSupervisor::new();
    let began = Instant::now();
    let output = test
        .run(async {
            save(true);
            7
        })
        .await;
    assert_eq!((output, began.elapsed()), (7, SECOND));
    test.assert_outcomes("save", [OutcomeKind::Completed]);
    assert_eq!(test.supervisor().counts().live(), 0);
}

#[test]
fn what_fails_or_panics_unexpectedly_fails_the_test_by_name_outcome_and_caller() {
    let line = line!() + 3;
    let message = failure(async |test| {
        let calls = async {
            save(false);
            explode();
            save(true);
        };
        test.run(calls).await;
    });
    let lines: Vec<_> = message.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "background tasks did not end as expected:"));
    assert_eq!(lines[3], format!("  in the run at {}:{}:14", file!(), line + 4));
    let (exploded, failed) = (lines[1], lines[2]);
    assert!(failed.starts_with("  save (task ") && failed.contains(") failed: disk full, called at "), "{message}");
    assert!(failed.ends_with(&format!("{}:{line}:13", file!())), "{message}");
    assert!(exploded.starts_with("  explode (task ") && exploded.contains(") panicked: as it is to at "), "{message}");
}

#[test]
fn timeouts_and_rejections_fail_the_test_too() {
    let message = failure(async |test| {
        let calls = async {
            hang();
            let _detached = detached::task("refused").inherit(&"user_id").no_timeout().spawn(async {});
        };
        test.run(calls).await;
    });
    assert!(message.contains("hang (task ") && message.contains(") timed out, called at "), "{message}");
    assert!(message.contains(") rejected: the value `user_id` is required"), "{message}");
}

#[test]
fn tasks_that_go_on_fail_the_test_by_name() {
    let line = line!() + 2;
    let message = failure(async |test| {
        test.run(async { drop(watch()) }).await;
    });
    assert!(message.starts_with("background tasks still run after 60s:\n  watch (task "), "{message}");
    assert!(message.contains("running for 60s, called at "), "{message}");
    assert!(message.ends_with(&format!("\n  in the run at {}:{line}:14", file!())), "{message}");
}

#[test]
fn an_expectation_that_is_not_met_fails_the_test() {
    let line = line!() + 3;
    let message = failure(async |test| {
        test.expect("save", OutcomeKind::Failed);
        test.run(async { drop(save(true)) }).await;
    });
    let expected = "background tasks did not end as expected:\n  no task of `save` ended as expected: failed";
    assert_eq!(message, format!("{expected}\n  in the run at {}:{line}:14", file!()));
}

#[test]
fn a_disconnected_run_that_goes_wrong_is_told_with_the_tests_line() {
    let line = line!() + 2;
    let message = failure(async |test| {
        test.disconnect_everywhere(|_| async { drop(explode()) }).await;
    });
    assert!(message.ends_with(&format!("\n  in the run at {}:{line}:14", file!())), "{message}");
}

#[tokio::test(start_paused = true)]
async fn an_outcome_has_the_values_that_the_task_inherited() {
    let test = TestSupervisor::new();
    let request = Context::new().with("user_id", 7_u64).with("tenant", "acme").with_sensitive("token", "secret");
    test.run(request.scope(async {
        let task =
            detached::task("inherits").inherit(&"user_id").inherit(&"tenant").inherit(&"token").inherit(&"absent?");
        let _detached = task.no_timeout().spawn(async {});
    }))
    .await;
    let outcome = test.outcomes().remove(0);
    assert_eq!(outcome.values, [("user_id", "7".to_owned()), ("tenant", "\"acme\"".to_owned())]);
}

#[test]
fn an_assertion_lists_what_there_was() {
    let message = failure(async |test| {
        test.run(async { drop(save(true)) }).await;
        test.assert_outcomes("save", [OutcomeKind::Failed]);
    });
    assert!(message.starts_with("the tasks of `save` ended in [Completed], not in [Failed]; all outcomes:\n  save"));
}

#[tokio::test(start_paused = true)]
async fn expected_outcomes_are_no_mistakes_each_once_and_a_run_is_checked_for_itself() {
    let test = TestSupervisor::with(Supervisor::builder().max_tasks(1));
    test.expect("save", OutcomeKind::Failed);
    test.run(async { drop(save(false)) }).await;

    test.expect("hang", OutcomeKind::Rejected);
    test.run(async {
        save(true);
        let rejected = hang().await;
        assert_eq!(rejected, Err(detached::TaskError::Rejected(Reason::SupervisorFull)));
    })
    .await;

    // What the test itself cancels is no mistake.
    test.run(async { watch().cancel("enough") }).await;
    let kinds: Vec<_> = test.outcomes().iter().map(|outcome| outcome.kind).collect();
    use OutcomeKind::{Cancelled, Completed, Failed, Rejected};
    assert_eq!(kinds, [Failed, Rejected, Completed, Cancelled]);
}

#[tokio::test(start_paused = true)]
async fn tests_do_not_see_each_others_tasks() {
    let (one, other) = (TestSupervisor::new(), TestSupervisor::new());
    tokio::join!(one.run(async { drop(save(true)) }), other.run(async {}));
    assert_eq!((one.outcomes().len(), other.outcomes().len()), (1, 0));
}

/// A future that counts its polls and its drop, and ends at the poll of that number.
fn counted(polls: &Arc<AtomicUsize>, ends_at: usize) -> impl Future<Output = &'static str> {
    let polls = Arc::clone(polls);
    std::future::poll_fn(move |cx| {
        if polls.fetch_add(1, Ordering::Relaxed) + 1 == ends_at {
            return Poll::Ready("ended");
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

#[tokio::test]
async fn a_future_is_polled_so_many_times_and_dropped() {
    for (disconnect, expected, polled) in
        [(0, None, 0), (1, None, 1), (2, None, 2), (3, Some("ended"), 3), (9, Some("ended"), 3)]
    {
        let polls = Arc::new(AtomicUsize::new(0));
        assert_eq!(disconnect_at(disconnect, counted(&polls, 3)).await, expected);
        assert_eq!((polls.load(Ordering::Relaxed), Arc::strong_count(&polls)), (polled, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_cut_off_at_every_wait_and_its_tasks_end_all_the_same() {
    async fn handler() -> &'static str {
        sleep(SECOND).await;
        save(true).await.unwrap().unwrap();
        sleep(SECOND).await;
        "saved"
    }
    let test = TestSupervisor::new();
    let came_of = test.disconnect_everywhere(|_| handler()).await;
    assert_eq!(came_of, [None, None, None, None, Some("saved")]);
    // Cut off before the call it saved nothing, and after it always.
    test.assert_outcomes("save", [OutcomeKind::Completed; 3]);
}

#[test]
fn a_closure_that_goes_on_fails_the_test_by_its_place() {
    let line = line!() + 5;
    let message = failure(async |_| {
        // It ends when this does, which panics.
        let (_go_on, told) = std::sync::mpsc::channel::<()>();
        let blocks = async {
            detached::spawn_blocking(move || told.recv().unwrap_or_default());
        };
        TestSupervisor::new().patience(Duration::ZERO).run(blocks).await;
    });
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(lines[0], "background tasks still run after 0ns:");
    assert!(lines[1].starts_with("  spawn_blocking, running for "), "{message}");
    assert!(lines[1].ends_with(&format!("called at {}:{line}:13", file!())), "{message}");
    assert_eq!(lines.len(), 3, "{message}");
}
