//! What becomes of tasks whose tokio runtime ends under them: their cause, what their handles say, and what the next
//! drain tells of them.

use std::future::{Future, pending};
use std::sync::mpsc::Sender;
use std::time::Duration;

use detached::{Cause, Context, Overflow, Reason, Supervisor, Task, TaskError};
use detached_tests::witness::Witness;
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;
use tracing::Level;

const SECOND: Duration = Duration::from_secs(1);

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    runtime().block_on(future)
}

/// Ends the runtime of the task that `start` starts, where that returns.
fn cut_off<T>(start: impl AsyncFnOnce() -> Task<T>) -> Task<T> {
    let task = runtime().block_on(start());
    assert!(task.is_finished());
    task
}

/// Lets every task that can run do so.
async fn settle() {
    sleep(Duration::from_millis(1)).await;
}

/// What the event says: the outcome, and why.
fn told(witness: &Witness, task: &str) -> (String, String) {
    let event = witness.recording.outcome(task);
    let why = ["cause", "reason", "error"].iter().find_map(|field| event.field(field)).unwrap_or_default();
    (event.field("outcome").unwrap().to_owned(), why.to_owned())
}

fn both(outcome: &str, why: &str) -> (String, String) {
    (outcome.to_owned(), why.to_owned())
}

#[test]
fn a_task_is_cancelled_with_its_runtime_and_hears_why() {
    struct Hears(Sender<Option<Cause>>);
    impl Drop for Hears {
        fn drop(&mut self) {
            self.0.send(Context::current().cause()).unwrap();
        }
    }
    let witness = Witness::new();
    let (hears, heard) = std::sync::mpsc::channel();
    let task = cut_off(async || {
        let hears = Hears(hears);
        witness.task("cut").no_timeout().spawn(async {
            let _hears = hears;
            pending::<()>().await;
        })
    });
    assert_eq!(heard.recv().unwrap(), Some(Cause::RuntimeStopped));
    assert_eq!(told(&witness, "cut"), both("cancelled", "runtime stopped"));
    assert_eq!(witness.recording.outcome("cut").level, Level::WARN);
    assert_eq!(block_on(task), Err(TaskError::Cancelled(Cause::RuntimeStopped)));
    witness.check();
}

#[test]
fn the_first_cause_stays_and_handle_and_event_agree() {
    let witness = Witness::new();
    let cancelled = |why: &'static str| Err(TaskError::Cancelled(why.into()));

    let in_grace = cut_off(async || {
        let task = witness.task("in grace").grace(SECOND).no_timeout().spawn(pending::<()>());
        settle().await;
        task.cancel("by hand");
        settle().await;
        assert!(!task.is_finished());
        task
    });
    assert_eq!(told(&witness, "in grace"), both("cancelled", "by hand"));
    assert_eq!(block_on(in_grace), cancelled("by hand"));

    let not_polled_since = cut_off(async || {
        let task = witness.task("not polled since").no_timeout().spawn(pending::<()>());
        settle().await;
        task.cancel("by hand");
        task
    });
    assert_eq!(told(&witness, "not polled since"), both("cancelled", "by hand"));
    assert_eq!(block_on(not_polled_since), cancelled("by hand"));

    let out_of_time = cut_off(async || {
        let task = witness.task("out of time").timeout(SECOND).grace(SECOND).spawn(pending::<()>());
        sleep(SECOND * 3 / 2).await;
        assert!(!task.is_finished());
        task
    });
    assert_eq!(told(&witness, "out of time").0, "timed_out");
    assert_eq!(block_on(out_of_time), Err(TaskError::TimedOut));

    let displaced = cut_off(async || {
        let limited = || witness.task("displaced").limit(1).overflow(Overflow::DropOldest).queue(1).no_timeout();
        let _runs = limited().spawn(pending::<()>());
        let waits = limited().spawn(pending::<()>());
        settle().await;
        let _newer = limited().spawn(pending::<()>());
        waits
    });
    assert_eq!(block_on(displaced), Err(TaskError::Rejected(Reason::Displaced)));

    let follows = cut_off(async || {
        let request = Context::new();
        let task = witness.task("follows").follow_origin().context(&request).no_timeout().spawn(pending::<()>());
        settle().await;
        request.cancel(Cause::Disconnected);
        task
    });
    assert_eq!(told(&witness, "follows"), both("cancelled", "disconnected"));
    assert_eq!(block_on(follows), Err(TaskError::Cancelled(Cause::Disconnected)));

    let counts = witness.check();
    assert_eq!((counts.timed_out, counts.rejected, counts.live()), (1, 1, 0));
}

#[test]
fn a_body_whose_drop_panics_has_panicked_in_the_event_and_in_the_handle() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let witness = Witness::new();
    for cancels in [false, true] {
        let task = cut_off(async || {
            let task = witness.task("panics").grace(SECOND).no_timeout().spawn(async {
                let _panics = Panics;
                pending::<()>().await;
            });
            settle().await;
            if cancels {
                task.cancel("by hand");
            }
            task
        });
        assert_eq!(block_on(task), Err(TaskError::Panicked));
    }
    assert_eq!(witness.check().panicked, 2);
    // It had its event, and is no loss that nobody was told of.
    assert!(block_on(witness.supervisor.drain(SECOND)).is_clean());
}

#[test]
fn the_next_report_lists_what_was_cut_before_the_drain() {
    let witness = Witness::new();
    let line = line!() + 2;
    drop(cut_off(async || {
        let task = witness.task("cut").no_timeout().spawn(pending::<()>());
        sleep(SECOND).await;
        task
    }));
    let _resident = cut_off(async || witness.task("resident").cancel_at_shutdown().no_timeout().spawn(pending::<()>()));
    let kept = runtime();
    let report = kept.block_on(async {
        let _completes = witness.task("completes").no_timeout().spawn(sleep(SECOND));
        witness.supervisor.drain(10 * SECOND).await
    });
    let stopped: Vec<_> = report.stopped.iter().map(|task| (task.name, task.age, task.caller.file())).collect();
    assert_eq!(stopped, [("cut", SECOND, file!()), ("resident", Duration::ZERO, file!())]);
    assert_eq!(report.stopped[0].caller.line(), line);
    assert_eq!((report.completed.len(), report.cancelled.len(), report.residents.len()), (1, 0, 0));
    assert!(!report.is_clean());
    let lost = report.lost();
    assert_eq!((lost.stopped, lost.completed), (report.stopped.clone(), vec![]));
    assert!(report.to_string().contains("\nstopped    cut "), "{report}");

    // It stays in the reports that come after.
    assert_eq!(kept.block_on(witness.supervisor.drain(SECOND)).stopped, report.stopped);
    // And what is cut off while a drain waits is in its report.
    let other = Witness::new();
    let ends = runtime();
    ends.block_on(async { drop(other.task("cut").no_timeout().spawn(pending::<()>())) });
    let report = block_on(async {
        let ends = async move {
            sleep(SECOND).await;
            ends.shutdown_background();
        };
        tokio::join!(other.supervisor.drain(10 * SECOND), ends).0
    });
    assert_eq!((report.stopped.len(), report.cancelled.len()), (1, 0));
}

#[test]
fn a_thousand_are_listed_by_name_and_the_others_counted() {
    let supervisor = Supervisor::new();
    runtime().block_on(async {
        for number in 0..1500 {
            let name = if number % 2 == 0 { "even" } else { "odd" };
            let _detached = detached::task(name).supervisor(&supervisor).no_timeout().spawn(pending::<()>());
        }
    });
    let report = block_on(supervisor.drain(SECOND));
    let named = |name| report.stopped.iter().filter(|task| task.name == name).count();
    let counted = |name| report.counted.iter().filter(|more| more.name == name).map(|more| more.tasks).sum::<u64>();
    assert_eq!((report.stopped.len(), report.counted.len()), (1000, 2));
    for name in ["even", "odd"] {
        assert_eq!(named(name) as u64 + counted(name), 750);
    }
    assert!(report.counted.iter().all(|more| more.list == "stopped" && more.caller.file() == file!()));
    assert_eq!(report.lost().counted, report.counted);
    let table = report.to_string();
    assert_eq!(table.lines().skip(1).filter(|row| row.starts_with("stopped") && row.contains("     750 ")).count(), 2);
    assert_eq!(table.lines().count(), 3);
}
