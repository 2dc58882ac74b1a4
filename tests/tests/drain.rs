//! The drain: its five steps, on the paused clock, and what its callers may do beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use detached::{
    Bounded, Cause, Context, DrainReport, Drained, Overflow, Reason, Supervisor, Task, TaskBuilder, TaskError,
};
use detached_tests::witness::{Seen, Witness};
use tokio::time::{Instant, sleep, timeout};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn names(tasks: &[Drained]) -> Vec<&'static str> {
    let mut names: Vec<_> = tasks.iter().map(|task| task.name).collect();
    names.sort_unstable();
    names
}

/// A task of the supervisor; its bound is none of these tests' business.
#[track_caller]
fn task(supervisor: &Supervisor, name: &'static str) -> TaskBuilder<Bounded> {
    detached::task(name).supervisor(supervisor).no_timeout()
}

/// Lets every task that can run do so.
async fn settle() {
    sleep(Duration::from_millis(1)).await;
}

// 1. Admission is closed.

#[tokio::test(start_paused = true)]
async fn late_calls_are_rejected_and_calls_of_running_tasks_are_accepted_and_waited_for() {
    let witness = Witness::new();
    let supervisor = witness.supervisor.clone();
    let outer = task(&supervisor, "outer").spawn({
        let supervisor = supervisor.clone();
        async move {
            sleep(seconds(1)).await;
            let _detached = task(&supervisor, "nested").spawn(async {
                sleep(seconds(1)).await;
                let _detached = detached::task("innermost").no_timeout().spawn(sleep(seconds(1)));
            });
        }
    });
    let late = async {
        assert!(!supervisor.is_draining());
        settle().await;
        assert!(supervisor.is_draining());
        let late = task(&supervisor, "late").spawn(async {});
        assert_eq!(late.await, Err(TaskError::Rejected(Reason::Draining)));
    };
    let began = Instant::now();
    let ((), report) = tokio::join!(late, supervisor.drain(seconds(10)));
    assert_eq!(began.elapsed(), seconds(3));
    assert_eq!(names(&report.completed), ["innermost", "nested", "outer"]);
    assert_eq!(report.rejected.len(), 1);
    assert_eq!((report.rejected[0].name, report.rejected[0].calls), ("late", 1));
    assert_eq!(report.rejected[0].reason, Reason::Draining);
    assert!(!report.is_clean());
    assert_eq!(outer.await, Ok(()));
    assert_eq!(witness.check().called, 4);
}

#[tokio::test(start_paused = true)]
async fn a_running_tasks_call_is_accepted_whatever_context_it_puts_around_it() {
    let supervisor = Supervisor::new();
    let _outer = task(&supervisor, "outer").spawn(async {
        sleep(seconds(1)).await;
        Context::new().scope(async { drop(detached::task("covered").no_timeout().spawn(async {})) }).await;
        drop(detached::task("explicit").context(&Context::new()).no_timeout().spawn(async {}));
    });
    settle().await;
    let report = supervisor.drain(seconds(10)).await;
    assert_eq!(names(&report.completed), ["covered", "explicit", "outer"]);
    assert!(report.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_call_of_a_task_of_another_supervisor_is_a_late_one() {
    let (drained, other) = (Supervisor::new(), Supervisor::new());
    let holds_it_open = task(&drained, "holds it open").spawn(sleep(seconds(5)));
    let stranger = task(&other, "stranger").spawn({
        let drained = drained.clone();
        async move {
            sleep(seconds(1)).await;
            let task = task(&drained, "late").spawn(async {});
            task.await.map_err(|error| error.to_string())
        }
    });
    drained.drain(seconds(10)).await;
    assert_eq!(holds_it_open.await, Ok(()));
    assert_eq!(stranger.await.unwrap(), Err("the call was rejected: the supervisor is draining".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn waiting_tasks_get_their_turns_during_a_drain() {
    let supervisor = Supervisor::new();
    for _ in 0..3 {
        let limited = detached::task("in turn").supervisor(&supervisor).limit(1).overflow(Overflow::Wait);
        let _detached = limited.no_timeout().spawn_with(|| sleep(seconds(1)));
    }
    let began = Instant::now();
    let report = supervisor.drain(seconds(10)).await;
    assert_eq!((report.completed.len(), began.elapsed()), (3, seconds(3)));
}

// 2. What is not needed is cancelled at once; the others can see the drain.

#[tokio::test(start_paused = true)]
async fn tasks_to_cancel_at_a_shutdown_are_cancelled_at_once_and_hear_it() {
    let witness = Witness::new();
    let supervisor = witness.supervisor.clone();
    let dropped = witness.task("dropped").cancel_at_shutdown().no_timeout().spawn(std::future::pending::<()>());
    let heard = witness.task("heard").cancel_at_shutdown().grace(seconds(1)).no_timeout().spawn(async {
        Context::current().cancelled().await;
        Context::current().cause().map_or(Ok(()), |cause| Err(cause.to_string()))
    });
    let kept = witness.task("kept").no_timeout().spawn(sleep(seconds(5)));
    settle().await;
    let began = Instant::now();
    let instants = async {
        assert_eq!(dropped.await, Err(TaskError::Cancelled(Cause::Shutdown)));
        assert_eq!(heard.await, Ok(Err("shutdown".to_owned())));
        assert_eq!(began.elapsed(), Duration::ZERO);
    };
    let (report, ()) = tokio::join!(supervisor.drain(seconds(10)), instants);
    assert_eq!(kept.await, Ok(()));
    assert_eq!((names(&report.residents), names(&report.failed)), (vec!["dropped"], vec!["heard"]));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_nested_call_to_be_cancelled_at_a_shutdown_is_cancelled_before_it_starts() {
    let supervisor = Supervisor::new();
    let outer = task(&supervisor, "outer").spawn(async {
        Context::current().draining().await;
        let nested = detached::task("nested").cancel_at_shutdown().no_timeout().spawn(async {
            panic!("it is not to start");
        });
        let ended: Result<(), TaskError> = nested.await;
        ended
    });
    let report = supervisor.drain(seconds(10)).await;
    assert_eq!(outer.await, Ok(Err(TaskError::Cancelled(Cause::Shutdown))));
    assert_eq!(names(&report.residents), ["nested"]);
}

#[tokio::test(start_paused = true)]
async fn the_others_see_that_a_drain_began_and_hear_the_cancellation_only_when_its_grace_is_over() {
    let supervisor = Supervisor::new();
    let watcher = task(&supervisor, "watcher").grace(seconds(1)).spawn(async {
        let context = Context::current();
        assert!(!context.is_draining());
        context.draining().await;
        assert!(context.is_draining() && !context.is_cancelled());
        let began = Instant::now();
        context.cancelled().await;
        assert_eq!((began.elapsed(), context.cause()), (seconds(10), Some(Cause::Shutdown)));
    });
    settle().await;
    let report = supervisor.drain(seconds(10)).await;
    assert_eq!(watcher.await, Ok(()));
    assert_eq!(names(&report.completed), ["watcher"]);
    assert!(report.is_clean());
}

// 3. It waits until idle, and no longer.

#[tokio::test(start_paused = true)]
async fn it_returns_as_soon_as_nothing_is_left() {
    let supervisor = Supervisor::new();
    let began = Instant::now();
    assert!(supervisor.drain(seconds(10)).await.is_clean());
    assert_eq!(began.elapsed(), Duration::ZERO);

    let supervisor = Supervisor::new();
    let _detached = task(&supervisor, "short").spawn(sleep(Duration::from_millis(1234)));
    supervisor.drain(Duration::MAX).await;
    assert_eq!(began.elapsed(), Duration::from_millis(1234));
}

// 4. What is left is cancelled, and has its own grace.

#[tokio::test(start_paused = true)]
async fn what_is_left_is_cancelled_and_each_has_its_own_grace_to_the_end() {
    let witness = Witness::new();
    let supervisor = witness.supervisor.clone();
    let without = witness.task("without grace").no_timeout().spawn(std::future::pending::<()>());
    let overruns = witness.task("overruns").grace(seconds(2)).no_timeout().spawn(std::future::pending::<()>());
    let cleans_up = witness.task("cleans up").grace(seconds(2)).no_timeout().spawn(async {
        Context::current().cancelled().await;
        sleep(Duration::from_millis(1999)).await;
    });
    settle().await;
    let began = Instant::now();
    let report = supervisor.drain(seconds(3)).await;
    assert_eq!(began.elapsed(), seconds(5));
    for task in [without, overruns] {
        assert_eq!(task.await, Err(TaskError::Cancelled(Cause::Shutdown)));
    }
    assert_eq!(cleans_up.await, Ok(()));
    assert_eq!(names(&report.cancelled), ["overruns", "without grace"]);
    assert_eq!((names(&report.completed), report.abandoned.len()), (vec!["cleans up"], 0));
    assert_eq!(witness.check().live(), 0);
}

#[tokio::test(start_paused = true)]
async fn waiting_tasks_are_cancelled_with_the_rest_and_never_start() {
    let witness = Witness::new();
    for _ in 0..3 {
        let limited = witness.task("limited").limit(1).overflow(Overflow::Wait).grace(seconds(1)).no_timeout();
        let _detached = limited.spawn(std::future::pending::<()>());
    }
    settle().await;
    let report = witness.supervisor.drain(seconds(1)).await;
    assert_eq!(names(&report.cancelled), ["limited"; 3]);
    assert_eq!(witness.seen().iter().filter(|seen| **seen == Seen::Start("limited")).count(), 1);
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_call_made_by_a_task_that_is_cancelled_is_cancelled_too() {
    let supervisor = Supervisor::new();
    let outer = task(&supervisor, "outer").grace(seconds(5)).spawn(async {
        Context::current().cancelled().await;
        let nested = detached::task("nested").no_timeout().spawn(std::future::pending::<()>());
        nested.await
    });
    let report = supervisor.drain(seconds(1)).await;
    assert_eq!(outer.await, Ok(Err(TaskError::Cancelled(Cause::Shutdown))));
    assert_eq!(names(&report.cancelled), ["nested"]);
}

// 5. It reports, and returns whatever happens.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_blocks_its_thread_is_named_as_abandoned_and_the_drain_returns() {
    let supervisor = Supervisor::new();
    let (release, blocked) = mpsc::channel::<()>();
    let (starts, started) = tokio::sync::oneshot::channel();
    let line = line!() + 1;
    let stuck = task(&supervisor, "stuck").spawn(async move {
        starts.send(()).unwrap();
        let _ = blocked.recv();
    });
    let _detached = task(&supervisor, "innocent").spawn(std::future::pending::<()>());
    started.await.unwrap();
    // On a task of its own: the thread of the test has to stay free.
    let drained = tokio::spawn({
        let supervisor = supervisor.clone();
        async move { supervisor.drain(Duration::ZERO).await }
    });
    let report = drained.await.unwrap();
    assert_eq!(names(&report.abandoned), ["stuck"], "{report}");
    let abandoned = &report.abandoned[0];
    assert_eq!((abandoned.id, abandoned.caller.line(), abandoned.caller.file()), (stuck.id(), line, file!()));
    assert!(!report.is_clean() && !stuck.is_finished());

    release.send(()).unwrap();
    assert_eq!(stuck.await, Ok(()));
    supervisor.idle().await;
    let again = supervisor.drain(Duration::ZERO).await;
    assert_eq!((again.abandoned.len(), names(&again.completed)), (0, vec!["stuck"]));
}

#[tokio::test(start_paused = true)]
async fn the_report_lists_by_outcome_what_ended_since_the_drain_began() {
    let supervisor = Supervisor::new();
    let before = task(&supervisor, "before").spawn(async {});
    assert_eq!(before.await, Ok(()));

    let bounded = |name| detached::task(name).supervisor(&supervisor).timeout(seconds(1));
    let _detached = task(&supervisor, "completes").spawn(sleep(seconds(1)));
    let _detached = task(&supervisor, "fails").spawn(async { Err::<(), _>("no") });
    let _detached = bounded("times out").spawn(std::future::pending::<()>());
    let _detached: Task<()> = task(&supervisor, "panics").spawn(async { panic!("as it is to") });
    let _detached = task(&supervisor, "is cancelled").spawn(std::future::pending::<()>());
    let report = supervisor.drain(seconds(2)).await;
    assert_eq!(names(&report.completed), ["completes"]);
    assert_eq!(names(&report.failed), ["fails"]);
    assert_eq!(names(&report.timed_out), ["times out"]);
    assert_eq!(names(&report.panicked), ["panics"]);
    assert_eq!(names(&report.cancelled), ["is cancelled"]);
    assert!(report.abandoned.is_empty() && report.rejected.is_empty());
    assert_eq!(report.completed[0].age, seconds(1));
    assert_eq!(report.completed[0].module, "detached");
}

#[tokio::test(start_paused = true)]
async fn the_report_is_shown_as_a_table() {
    assert_eq!(Supervisor::new().drain(Duration::ZERO).await.to_string(), "nothing was running");

    let supervisor = Supervisor::new();
    let line = line!();
    for age in [1, 3] {
        let _detached = task(&supervisor, "record a visit").spawn(sleep(seconds(age)));
    }
    let _detached = task(&supervisor, "ping").spawn(std::future::pending::<()>());
    let late = async {
        settle().await;
        let _detached = task(&supervisor, "ping").spawn(async {});
    };
    let (report, ()) = tokio::join!(supervisor.drain(seconds(4)), late);
    let file = file!();
    let expected = [
        "outcome    task              tasks     oldest  called at".to_owned(),
        format!("completed  record a visit        2     3.000s  {file}:{}:25", line + 2),
        format!("cancelled  ping                  1     4.000s  {file}:{}:21", line + 4),
        format!("rejected   ping                  1             {file}:{}:25: the supervisor is draining", line + 7),
    ];
    assert_eq!(report.to_string().lines().collect::<Vec<_>>(), expected);
}

// What of it was lost.

#[tokio::test(start_paused = true)]
async fn what_ended_by_itself_or_by_the_program_is_not_lost() {
    let supervisor = Supervisor::new();
    let bounded = |name| detached::task(name).supervisor(&supervisor).timeout(seconds(1));
    let _detached = task(&supervisor, "completes").spawn(sleep(seconds(1)));
    let _detached = task(&supervisor, "fails").spawn(async { Err::<(), _>("no") });
    let _detached = bounded("times out").spawn(std::future::pending::<()>());
    let _detached: Task<()> = task(&supervisor, "panics").spawn(async { panic!("as it is to") });
    let by_program = task(&supervisor, "by the program").spawn(std::future::pending::<()>());
    // Even where it borrows the drain's word for it.
    let in_its_words = task(&supervisor, "in its words").spawn(std::future::pending::<()>());
    let cancel = async {
        settle().await;
        by_program.cancel("not wanted");
        in_its_words.cancel(Cause::Shutdown);
    };
    let (report, ()) = tokio::join!(supervisor.drain(seconds(10)), cancel);
    assert_eq!(names(&report.cancelled), ["by the program", "in its words"]);
    assert_eq!((report.failed.len(), report.timed_out.len(), report.panicked.len()), (1, 1, 1));
    assert!(report.is_clean());
    assert_eq!(report.lost().to_string(), "nothing was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_drain_cuts_abandons_or_rejects_is_lost() {
    let supervisor = Supervisor::new();
    let (release, blocked) = mpsc::channel::<()>();
    let (starts, started) = tokio::sync::oneshot::channel();
    let _stuck = task(&supervisor, "stuck").spawn(async move {
        starts.send(()).unwrap();
        let _ = blocked.recv();
    });
    let cut = task(&supervisor, "cut").spawn(std::future::pending::<()>());
    started.await.unwrap();
    // On a task of its own: the thread of the test has to stay free.
    let drain = tokio::spawn({
        let supervisor = supervisor.clone();
        async move { supervisor.drain(Duration::ZERO).await }
    });
    assert_eq!(cut.await, Err(TaskError::Cancelled(Cause::Shutdown)));
    let late = task(&supervisor, "late").spawn(async {});
    assert_eq!(late.await, Err(TaskError::Rejected(Reason::Draining)));
    let report = drain.await.unwrap();
    release.send(()).unwrap();
    let lost = report.lost();
    assert_eq!((names(&lost.cancelled), names(&lost.abandoned)), (vec!["cut"], vec!["stuck"]), "{report}");
    assert_eq!((lost.rejected.len(), lost.rejected[0].name), (1, "late"));
    assert!(!report.is_clean() && !lost.is_clean());
}

#[tokio::test(start_paused = true)]
async fn rejected_calls_have_a_row_for_each_place_and_reason() {
    let supervisor = Supervisor::builder().max_tasks(3).build();
    let caller = task(&supervisor, "caller").spawn({
        let supervisor = supervisor.clone();
        async move {
            Context::current().draining().await;
            let limited = || detached::task("limited").limit(1).overflow(Overflow::DropOldest).queue(1);
            let mut tasks = Vec::new();
            for _ in 0..4 {
                tasks.push(limited().no_timeout().spawn(sleep(seconds(1))));
            }
            drop(tasks);
            for _ in 0..2 {
                let _late = Context::new().scope(async { task(&supervisor, "other").spawn(async {}) }).await;
            }
        }
    });
    settle().await;
    let late = async {
        settle().await;
        let _late = task(&supervisor, "late").spawn(async {});
    };
    let (report, ()) = tokio::join!(supervisor.drain(seconds(10)), late);
    assert_eq!(caller.await, Ok(()));
    let rows: Vec<_> = report.rejected.iter().map(|row| (row.name, row.calls, row.reason.clone())).collect();
    let full = Reason::SupervisorFull;
    // The first two of the function took the last places of the supervisor.
    assert_eq!(rows, [("late", 1, Reason::Draining), ("limited", 2, full.clone()), ("other", 2, full)]);
    assert!(!report.is_clean());
    let table = report.to_string();
    assert_eq!(table.matches("the supervisor's `max_tasks` is reached").count(), 2, "{table}");
}

#[tokio::test(start_paused = true)]
async fn a_waiting_task_that_is_displaced_or_late_during_a_drain_is_a_rejected_call_with_its_reason() {
    let supervisor = Supervisor::new();
    let caller = task(&supervisor, "caller").spawn(async {
        Context::current().draining().await;
        let limited = || detached::task("limited").limit(1).overflow(Overflow::DropOldest).queue(1);
        for _ in 0..4 {
            drop(limited().start_timeout(seconds(1)).no_timeout().spawn(sleep(seconds(2))));
        }
    });
    let report = supervisor.drain(seconds(10)).await;
    assert_eq!(caller.await, Ok(()));
    let rows: Vec<_> = report.rejected.iter().map(|row| (row.calls, row.reason.clone())).collect();
    assert_eq!(rows, [(2, Reason::Displaced), (1, Reason::StartTimedOut)]);
}

/// A drain may be long, and its report is kept in memory all the while.
#[tokio::test(start_paused = true)]
async fn beyond_ten_thousand_of_a_list_tasks_are_counted() {
    let supervisor = Supervisor::new();
    let caller = task(&supervisor, "caller").spawn(async {
        Context::current().draining().await;
        for _ in 0..10_500 {
            assert_eq!(detached::task("short").no_timeout().spawn(async {}).await, Ok(()));
        }
    });
    settle().await;
    let _cut = task(&supervisor, "cut").spawn(std::future::pending::<()>());
    let report = supervisor.drain(seconds(1)).await;
    assert_eq!(caller.await, Ok(()));
    let counted: Vec<_> = report.counted.iter().map(|more| (more.list, more.name, more.tasks)).collect();
    assert_eq!(
        (report.completed.len(), counted),
        (10_000, vec![("completed", "caller", 1), ("completed", "short", 500)])
    );
    // What was lost has its name all the same, and what was only counted is not lost.
    assert_eq!((names(&report.lost().cancelled), report.lost().counted), (vec!["cut"], vec![]));
    assert!(report.to_string().contains("\ncompleted  short     10500 "), "{report}");
}

// Callers.

#[tokio::test(start_paused = true)]
async fn a_second_caller_goes_through_the_same_steps_with_its_own_grace() {
    let supervisor = Supervisor::new();
    let _detached = task(&supervisor, "endless").spawn(std::future::pending::<()>());
    let timed = |grace| {
        let supervisor = supervisor.clone();
        async move {
            let began = Instant::now();
            (supervisor.drain(grace).await, began.elapsed())
        }
    };
    let ((long, long_took), (short, short_took)) = tokio::join!(timed(seconds(60)), timed(seconds(2)));
    assert_eq!((long_took, short_took), (seconds(2), seconds(2)));
    assert_eq!((names(&long.cancelled), names(&short.cancelled)), (vec!["endless"], vec!["endless"]));

    // And once more, when all is over: at once, with the same report.
    let (again, took) = timed(seconds(60)).await;
    assert_eq!((again.to_string(), took), (long.to_string(), Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_dropped_midway_leaves_the_gate_closed_and_the_tasks_running() {
    let witness = Witness::new();
    let running = witness.task("running").no_timeout().spawn(sleep(seconds(10)));
    assert!(timeout(seconds(1), witness.supervisor.drain(seconds(60))).await.is_err());
    assert!(witness.supervisor.is_draining() && !running.is_finished());
    let late = witness.task("late").no_timeout().spawn(async {});
    assert_eq!(late.await, Err(TaskError::Rejected(Reason::Draining)));

    let report = witness.supervisor.drain(seconds(60)).await;
    assert_eq!(running.await, Ok(()));
    assert_eq!((names(&report.completed), report.rejected.len()), (vec!["running"], 1));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_dropped_after_the_grace_has_cancelled_what_was_left() {
    let supervisor = Supervisor::new();
    let stopping = task(&supervisor, "stopping").grace(seconds(5)).spawn(std::future::pending::<()>());
    assert!(timeout(seconds(2), supervisor.drain(seconds(1))).await.is_err());
    assert_eq!(stopping.await, Err(TaskError::Cancelled(Cause::Shutdown)));
}

/// A call is accepted and waited for, or rejected; never in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_that_race_the_drain_are_waited_for_or_rejected() {
    for round in 0..100 {
        let supervisor = Supervisor::new();
        let enough = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let (supervisor, enough) = (supervisor.clone(), Arc::clone(&enough));
                std::thread::spawn({
                    let runtime = tokio::runtime::Handle::current();
                    move || {
                        let _entered = runtime.enter();
                        let mut tasks = Vec::new();
                        while !enough.load(Ordering::Relaxed) {
                            tasks.push(task(&supervisor, "racing").spawn(tokio::task::yield_now()));
                        }
                        tasks
                    }
                })
            })
            .collect();
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        let report: DrainReport = supervisor.drain(seconds(60)).await;
        let ended_at_return = supervisor.counts();
        assert_eq!((ended_at_return.live(), report.abandoned.len()), (0, 0));
        enough.store(true, Ordering::Relaxed);
        let (mut completed, mut rejected) = (0, 0);
        for task in callers.into_iter().flat_map(|caller| caller.join().unwrap()) {
            match task.await {
                Ok(()) => completed += 1,
                Err(TaskError::Rejected(Reason::Draining)) => rejected += 1,
                Err(other) => panic!("neither accepted nor rejected: {other}"),
            }
        }
        // Nothing that the drain did not wait for has completed since.
        assert_eq!(ended_at_return.completed, completed);
        let counts = supervisor.counts();
        assert_eq!((counts.called, counts.rejected), (completed + rejected, rejected));
    }
}
