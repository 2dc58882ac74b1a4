//! Several tokio runtimes, ended ones, ones without timers, and none at all.

use std::cell::RefCell;
use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;

use detached::{Cause, Overflow, Reason, Supervisor, Task, TaskError};
use detached_tests::witness::Witness;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

fn without_time() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

async fn endless() {
    std::future::pending().await
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    without_time().block_on(future)
}

#[test]
fn each_runtime_has_its_own_timer_and_its_own_clock() {
    let witness = Witness::new();
    let (one, other) = (paused(), paused());
    for _ in 0..3 {
        for (runtime, bound) in [(&one, 3 * SECOND), (&other, SECOND)] {
            runtime.block_on(async {
                let began = Instant::now();
                let task = witness.task("bounded").timeout(bound).spawn(endless());
                assert_eq!((task.await, began.elapsed()), (Err(TaskError::TimedOut), bound));
            });
        }
    }
    witness.check();
}

#[test]
fn the_timers_of_two_runtimes_run_beside_each_other() {
    let witness = Witness::new();
    let (one, other) = (paused(), paused());
    let call = || witness.task("bounded").timeout(SECOND).spawn(endless());
    let in_one = one.block_on(async { call() });
    let in_other = other.block_on(async { call() });
    for (runtime, task) in [(one, in_one), (other, in_other)] {
        let result = runtime.block_on(async { tokio::time::timeout(2 * SECOND, task).await });
        assert_eq!(result.expect("its timer has not lost it"), Err(TaskError::TimedOut));
    }
    witness.check();
}

#[test]
fn a_supervisor_that_was_made_under_a_clock_far_ahead_keeps_time_under_another() {
    let supervisor = paused().block_on(async {
        tokio::time::advance(3600 * SECOND).await;
        Supervisor::new()
    });
    paused().block_on(async {
        let began = Instant::now();
        let task = detached::task("bounded").supervisor(&supervisor).timeout(SECOND).spawn(endless());
        assert_eq!((task.await, began.elapsed()), (Err(TaskError::TimedOut), SECOND));
    });
}

#[test]
fn a_supervisor_keeps_time_under_a_clock_that_stood_still_before_it_was_made() {
    let stands_still = paused();
    // The real clock has to be ahead by more than a timer's millisecond when the supervisor is made.
    std::thread::sleep(Duration::from_millis(3));
    let supervisor = Supervisor::new();
    stands_still.block_on(async {
        let began = Instant::now();
        let task = detached::task("bounded").supervisor(&supervisor).timeout(SECOND).spawn(endless());
        assert_eq!((task.await, began.elapsed()), (Err(TaskError::TimedOut), SECOND));
    });
}

#[test]
fn a_runtime_in_the_place_of_an_ended_one_has_its_timeouts() {
    let witness = Witness::new();
    for _ in 0..10 {
        let runtime = paused();
        let cut_off = runtime.block_on(async {
            let began = Instant::now();
            let task = witness.task("bounded").timeout(SECOND).spawn(endless());
            assert_eq!((task.await, began.elapsed()), (Err(TaskError::TimedOut), SECOND));
            witness.task("cut off").timeout(SECOND).grace(SECOND).spawn(endless())
        });
        drop(runtime);
        assert_eq!(block_on(cut_off), Err(TaskError::Cancelled(Cause::RuntimeStopped)));
    }
    let counts = witness.check();
    assert_eq!((counts.live(), counts.timed_out, counts.cancelled), (0, 10, 10));
}

/// The timer of an ended runtime is replaced while one of its tasks, which blocks its thread, has yet to end.
#[test]
fn a_task_that_outlives_its_runtimes_timer_ends_once_and_disturbs_nobody() {
    let supervisor = Supervisor::new();
    let (release, blocked) = mpsc::channel::<()>();
    let (starts, started) = mpsc::channel();
    let ended = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let lingers = ended.block_on(async {
        detached::task("lingers").supervisor(&supervisor).timeout(SECOND).spawn(async move {
            starts.send(()).unwrap();
            let _ = blocked.recv();
            endless().await;
        })
    });
    started.recv().unwrap();
    ended.shutdown_background();

    let successor = paused();
    let bounded = successor.block_on(async {
        let began = Instant::now();
        let task = detached::task("bounded").supervisor(&supervisor).timeout(SECOND).spawn(endless());
        assert_eq!((task.await, began.elapsed()), (Err(TaskError::TimedOut), SECOND));
        detached::task("bounded").supervisor(&supervisor).timeout(SECOND).spawn(endless())
    });
    release.send(()).unwrap();
    assert_eq!(block_on(lingers), Err(TaskError::Cancelled(Cause::RuntimeStopped)));
    assert_eq!(successor.block_on(bounded), Err(TaskError::TimedOut));
    block_on(supervisor.idle());
    let counts = supervisor.counts();
    assert_eq!((counts.called, counts.timed_out, counts.cancelled), (3, 2, 1));
}

#[test]
fn a_turn_goes_from_the_task_of_one_runtime_to_that_of_another() {
    let witness = Witness::new();
    let call = || witness.task("shared").limit(1).overflow(Overflow::Wait).no_timeout();
    let one = paused();
    let _detached = one.block_on(async { call().spawn(endless()) });
    paused().block_on(async {
        let waiting = call().spawn(async {});
        sleep(SECOND).await;
        assert!(!waiting.is_finished());
        one.shutdown_background();
        assert_eq!(waiting.await, Ok(()));
    });
    witness.check();
}

#[test]
fn without_a_time_driver_what_needs_a_timer_is_rejected_and_the_rest_runs() {
    let witness = Witness::new();
    for _ in 0..2 {
        without_time().block_on(async {
            let needs_one = [
                witness.task("bounded").timeout(SECOND),
                witness.task("graceful").grace(SECOND).no_timeout(),
                witness.task("following").follow_origin().no_timeout(),
                witness.task("late").limit(1).overflow(Overflow::Wait).start_timeout(SECOND).no_timeout(),
            ];
            for task in needs_one {
                assert_eq!(task.spawn(endless()).await, Err(TaskError::Rejected(Reason::NoTimeDriver)));
            }
            assert_eq!(witness.task("unbounded").no_timeout().spawn(async {}).await, Ok(()));
        });
    }
    let event = &witness.recording.outcomes("bounded")[0];
    let reason = "the tokio runtime has no timers; build it with `enable_time` or `enable_all`";
    assert_eq!(event.field("reason"), Some(reason));
    // The runtimes with timers that come after are not taken for them.
    paused().block_on(async {
        let task = witness.task("bounded").timeout(SECOND).spawn(endless());
        assert_eq!(task.await, Err(TaskError::TimedOut));
    });
    witness.check();
}

#[test]
fn outside_a_runtime_a_call_is_rejected_and_says_so() {
    let witness = Witness::new();
    let task = witness.task("nowhere").timeout(SECOND).spawn(async {});
    assert!(task.is_finished());
    assert_eq!(block_on(task), Err(TaskError::Rejected(Reason::NoRuntime)));
    let reason = "called outside a tokio runtime; call it inside one, or give the supervisor a runtime handle";
    assert_eq!(witness.recording.outcome("nowhere").field("reason"), Some(reason));
    witness.check();
}

#[test]
fn a_supervisors_own_runtime_runs_all_its_tasks_wherever_they_are_called() {
    let runtime = paused();
    let own = runtime.handle().id();
    let witness = Witness::of(Supervisor::builder().runtime(runtime.handle().clone()));
    let inside = witness.task("there").timeout(SECOND).spawn(async { sleep(SECOND / 2).await });
    let timed_out = witness.task("there too").timeout(SECOND).spawn(endless());
    assert_eq!(runtime.block_on(inside), Ok(()));
    assert_eq!(runtime.block_on(timed_out), Err(TaskError::TimedOut));

    // Called inside of another runtime, and without a task of its own in there.
    let other = without_time();
    let elsewhere = other.block_on(async {
        witness.task("elsewhere").timeout(SECOND).spawn(async move {
            let nested = detached::task("nested").no_timeout().spawn(async move {
                assert_eq!(Handle::current().id(), own);
            });
            assert_eq!(Handle::current().id(), own);
            sleep(SECOND / 2).await;
            nested.await
        })
    });
    drop(other);
    assert_eq!(runtime.block_on(elsewhere), Ok(Ok(())));
    witness.check();
}

/// The clocks of two runtimes may stand apart where they are paused; a task lives by that of its own.
#[test]
fn a_task_in_its_supervisors_own_runtime_keeps_time_by_that_ones_clock() {
    let (own, far_ahead) = (paused(), paused());
    far_ahead.block_on(async { tokio::time::advance(3600 * SECOND).await });
    let witness = Witness::of(Supervisor::builder().runtime(own.handle().clone()));
    let (bounded, waiting) = far_ahead.block_on(async {
        let limited = || witness.task("limited").limit(1).overflow(Overflow::Wait).start_timeout(SECOND).no_timeout();
        let _first = limited().spawn(endless());
        let tasks = (witness.task("bounded").timeout(SECOND).spawn(endless()), limited().spawn(endless()));
        for task in witness.supervisor.tasks() {
            assert_eq!(task.age(), Duration::ZERO, "{task}");
        }
        tasks
    });
    own.block_on(async {
        let began = Instant::now();
        assert_eq!(bounded.await, Err(TaskError::TimedOut));
        assert_eq!(waiting.await, Err(TaskError::Rejected(Reason::StartTimedOut)));
        assert_eq!(began.elapsed(), SECOND);
    });
    // Its own runtime stands still by now, so what runs in there cannot be stopped.
    let report = far_ahead.block_on(witness.supervisor.drain(SECOND));
    assert_eq!((report.abandoned.len(), report.abandoned[0].age), (1, SECOND));
}

#[test]
fn a_call_to_a_runtime_that_has_ended_is_cancelled_with_it() {
    let runtime = paused();
    let witness = Witness::of(Supervisor::builder().runtime(runtime.handle().clone()));
    drop(runtime);
    for bounded in [false, true] {
        let task = witness.task("too late");
        let task = if bounded { task.timeout(SECOND) } else { task.no_timeout() };
        assert_eq!(block_on(task.spawn(endless())), Err(TaskError::Cancelled(Cause::RuntimeStopped)));
    }
    assert_eq!(witness.check().cancelled, 2);
}

/// The caller is not hurt even where a thread's own state is gone already.
#[test]
fn a_call_from_a_thread_that_is_being_torn_down_does_not_panic() {
    struct CallsLast(Supervisor, mpsc::Sender<Task<()>>);
    impl Drop for CallsLast {
        fn drop(&mut self) {
            for bounded in [false, true] {
                let task = detached::task("last words").supervisor(&self.0);
                let task = if bounded { task.timeout(SECOND) } else { task.no_timeout() };
                self.1.send(task.spawn(async {})).unwrap();
            }
        }
    }
    thread_local!(static LAST: RefCell<Option<CallsLast>> = const { RefCell::new(None) });

    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let supervisor = Supervisor::builder().runtime(runtime.handle().clone()).build();
    let (calls, called) = mpsc::channel();
    let calls_last = CallsLast(supervisor.clone(), calls);
    // Set before tokio's own state is first touched on the thread, so dropped after it.
    let thread = std::thread::spawn(move || {
        LAST.set(Some(calls_last));
        assert!(tokio::runtime::Handle::try_current().is_err());
    });
    thread.join().expect("the thread ends without a panic");
    let results: Vec<_> = called.iter().map(block_on).collect();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0], Ok(()));
    block_on(supervisor.idle());
    let counts = supervisor.counts();
    assert_eq!((counts.called, counts.ended()), (2, 2));
}

#[test]
fn the_ends_of_a_runtime_and_of_its_tasks_supervisor_may_come_in_any_order() {
    let runtime = paused();
    let task = runtime.block_on(async {
        let supervisor = Supervisor::new();
        detached::task("keeps it").supervisor(&supervisor).timeout(SECOND).spawn(endless())
    });
    // The handle and the task are all that holds the supervisor.
    assert_eq!(runtime.block_on(task), Err(TaskError::TimedOut));
    drop(runtime);
}
