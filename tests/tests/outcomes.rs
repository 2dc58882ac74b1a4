//! Every call ends in exactly one outcome, with one event, one call of each observer and one count.

use std::sync::Arc;
use std::time::Duration;

use detached::{Cause, Context, Inherit, Key, OutcomeKind, Overflow, Reason, Supervisor, Task, TaskError, background};
use detached_tests::witness::{Seen, Witness};
use tokio::sync::Notify;
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

async fn endless() {
    std::future::pending().await
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        // Not twice: a second one while the first unwinds would end the process.
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_outcome_is_counted_told_and_recorded_once() {
    let witness = Witness::new();
    let bounded = |name| witness.task(name).timeout(SECOND);
    assert_eq!(bounded("completed").spawn(async {}).await, Ok(()));
    assert_eq!(bounded("failed").spawn(async { Err::<(), _>("no") }).await, Ok(Err("no")));
    assert_eq!(bounded("timed_out").spawn(endless()).await, Err(TaskError::TimedOut));
    let panics: Task<()> = bounded("panicked").spawn(async { panic!("as it is to") });
    assert_eq!(panics.await, Err(TaskError::Panicked));
    let cancelled = bounded("cancelled").spawn(endless());
    cancelled.cancel(Cause::Disconnected);
    assert_eq!(cancelled.await, Err(TaskError::Cancelled(Cause::Disconnected)));
    let rejected = bounded("rejected").inherit(&"user_id").spawn(async {});
    assert_eq!(rejected.await, Err(TaskError::Rejected(Reason::MissingValue { name: "user_id" })));

    let counts = witness.check();
    for kind in OutcomeKind::ALL {
        assert_eq!((counts.of(kind), counts.function(kind.name()).of(kind)), (1, 1), "{kind}");
        assert_eq!(witness.recording.outcome(kind.name()).field("outcome"), Some(kind.name()));
    }
    assert_eq!((counts.called, counts.ended(), counts.live()), (6, 6, 0));
}

#[tokio::test(start_paused = true)]
async fn a_background_function_is_counted_by_its_name_and_module() {
    #[background(timeout = "1s", name = "weekly report")]
    async fn report(succeeds: bool) -> Result<(), std::fmt::Error> {
        if succeeds { Ok(()) } else { Err(std::fmt::Error) }
    }
    let witness = Witness::new();
    witness
        .supervisor
        .scope(async {
            assert_eq!(report(true).await, Ok(Ok(())));
            assert_eq!(report(false).await, Ok(Err(std::fmt::Error)));
        })
        .await;
    let counts = witness.check();
    let function = &counts.functions[0];
    assert_eq!((function.name, function.module), ("weekly report", module_path!()));
    assert_eq!((function.called, function.completed, function.failed), (2, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn counts_tell_calls_that_wait_and_run_at_any_time() {
    let witness = Witness::new();
    let go: Arc<Notify> = Arc::default();
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let go = Arc::clone(&go);
            let limited = witness.task("limited").limit(1).overflow(Overflow::Wait).no_timeout();
            limited.spawn(async move { go.notified().await })
        })
        .collect();
    for left in [3, 2, 1] {
        sleep(SECOND).await;
        let counts = witness.check();
        assert_eq!((counts.called, counts.running, counts.waiting), (3, 1, left - 1));
        assert_eq!(counts.completed, 3 - left);
        go.notify_one();
    }
    for task in tasks {
        assert_eq!(task.await, Ok(()));
    }
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_body_whose_drop_panics_where_it_is_cut_off_has_panicked() {
    let witness = Witness::new();
    let holds_bomb = |name| {
        witness.task(name).timeout(SECOND).spawn(async {
            let _bomb = Bomb;
            endless().await;
        })
    };
    assert_eq!(holds_bomb("timed out").await, Err(TaskError::Panicked));
    let cancelled = holds_bomb("cancelled");
    sleep(SECOND / 2).await;
    cancelled.cancel("enough");
    assert_eq!(cancelled.await, Err(TaskError::Panicked));
    let error = witness.recording.outcome("cancelled").field("error").unwrap().to_owned();
    assert!(error.starts_with("dropped at ") && error.contains("outcomes.rs"), "{error}");
    assert_eq!(witness.check().panicked, 2);
}

#[tokio::test(start_paused = true)]
async fn panics_of_parameters_that_are_dropped_with_a_rejected_call_do_not_reach_the_caller() {
    let witness = Witness::new();
    let bomb = Bomb;
    let rejected = witness.task("rejected").timeout(Duration::ZERO).spawn(async move {
        let _bomb = bomb;
    });
    assert_eq!(rejected.await, Err(TaskError::Rejected(Reason::ZeroTimeout)));

    let limited = || witness.task("limited").limit(1).overflow(Overflow::DropOldest).queue(1).no_timeout();
    let running = limited().spawn(sleep(SECOND));
    let bomb = Bomb;
    let displaced = limited().spawn(async move {
        let _bomb = bomb;
    });
    let waits = limited().spawn(async {});
    // The drop's panic is what happened to it.
    assert_eq!(displaced.await, Err(TaskError::Panicked));
    assert_eq!((running.await, waits.await), (Ok(()), Ok(())));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn panics_of_values_whose_last_holder_is_the_task_change_nothing() {
    #[derive(Clone)]
    struct Value(#[allow(dead_code)] Arc<Bomb>);
    impl std::fmt::Debug for Value {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("shown");
        }
    }
    let witness = Witness::new();
    let request = Context::new().with("value", Value(Arc::new(Bomb)));
    let task = witness.task("last holder").inherit(&"value").context(&request).timeout(SECOND);
    let task = task.spawn(sleep(SECOND / 2));
    // The task holds it now, and nobody else.
    drop(request);
    assert_eq!(task.await, Ok(()));
    let limited = witness.task("after it").timeout(SECOND).spawn(async {});
    assert_eq!(limited.await, Ok(()));
    assert_eq!(witness.check().completed, 2);
}

#[tokio::test(start_paused = true)]
async fn a_result_whose_drop_panics_changes_no_outcome() {
    let witness = Witness::new();
    drop(witness.task("unread").timeout(SECOND).spawn(async { Ok::<_, &str>(Bomb) }));
    witness.supervisor.idle().await;
    sleep(SECOND).await;
    assert_eq!(witness.check().completed, 1);
}

#[tokio::test(start_paused = true)]
async fn a_carrier_that_panics_rejects_the_call() {
    struct Panics;
    impl Inherit for Panics {
        type Captured = ();
        fn capture(&'static self, _: &mut detached::Capture<'_>) -> Result<Option<()>, detached::ValueError> {
            panic!("while it captures")
        }
        fn enter<R>(&'static self, (): &(), run: impl FnOnce() -> R) -> R {
            run()
        }
    }
    static PANICS: Panics = Panics;
    let witness = Witness::new();
    let task = witness.task("carried").timeout(SECOND).inherit(&PANICS).spawn(async {});
    assert_eq!(task.await, Err(TaskError::Rejected(Reason::CarrierPanicked)));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_value_of_another_type_rejects_the_call() {
    static USER_ID: Key<u64> = Key::new("user_id");
    let witness = Witness::new();
    let request = Context::new().with("user_id", "seven");
    let task = witness.task("typed").timeout(SECOND).context(&request).inherit(&USER_ID).spawn(async {});
    let Err(TaskError::Rejected(reason)) = task.await else { panic!("it is rejected") };
    assert_eq!(reason.to_string(), "the value `user_id` is a `&str`, not a `u64`");
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_task_that_follows_its_origin_ends_with_it_and_another_does_not() {
    let witness = Witness::new();
    let request = Context::new();
    let follows = witness.task("follows").follow_origin().context(&request).no_timeout().spawn(endless());
    let waits = || witness.task("limited").limit(1).overflow(Overflow::Wait).follow_origin().context(&request);
    let runs = waits().no_timeout().spawn(endless());
    let waiting = waits().no_timeout().spawn(endless());
    let ignores = witness.task("ignores").context(&request).no_timeout().spawn(sleep(2 * SECOND));
    sleep(SECOND).await;
    request.cancel(Cause::Disconnected);
    for task in [follows, runs, waiting] {
        assert_eq!(task.await, Err(TaskError::Cancelled(Cause::Disconnected)));
    }
    assert_eq!(ignores.await, Ok(()));

    let late = witness.task("late").follow_origin().context(&request).no_timeout().spawn(endless());
    assert_eq!(late.await, Err(TaskError::Cancelled(Cause::Disconnected)));
    assert!(!witness.seen().contains(&Seen::Start("late")));
    witness.check();
}

/// Panics wherever it is told something.
struct PanicsAtAll;

impl tracing::Subscriber for PanicsAtAll {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        assert!(metadata.is_span(), "asked for an event");
        true
    }
    fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::sometimes()
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        panic!("told of a span");
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        panic!("told of an event");
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_panics_hurts_no_caller_and_keeps_no_task() {
    let _subscriber = tracing::subscriber::set_default(PanicsAtAll);
    let supervisor = Supervisor::builder().max_tasks(1).build();
    for _ in 0..3 {
        let bounded = || detached::task("told").supervisor(&supervisor).timeout(SECOND);
        assert_eq!(bounded().spawn(async {}).await, Ok(()));
        assert_eq!(bounded().spawn(endless()).await, Err(TaskError::TimedOut));
        let rejected = detached::task("told").supervisor(&supervisor).timeout(Duration::ZERO).spawn(async {});
        assert_eq!(rejected.await, Err(TaskError::Rejected(Reason::ZeroTimeout)));
    }
    let counts = supervisor.counts();
    assert_eq!((counts.completed, counts.timed_out, counts.rejected, counts.live()), (3, 3, 3, 0));
}

/// Tasks of all fates on several threads; each ends once and nothing is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_are_the_sum_of_outcomes_whatever_races() {
    let supervisor = Supervisor::new();
    let callers: Vec<_> = (0..4_u32)
        .map(|_| {
            let supervisor = supervisor.clone();
            tokio::spawn(async move {
                for number in 0..500_u32 {
                    let task = detached::task("mixed").supervisor(&supervisor).timeout(Duration::from_millis(20));
                    let task = task.spawn(async move {
                        match number % 5 {
                            0 => Ok(()),
                            1 => Err("no"),
                            2 => std::future::pending().await,
                            _ => {
                                tokio::task::yield_now().await;
                                Ok(())
                            }
                        }
                    });
                    match number % 3 {
                        0 => task.cancel("raced"),
                        1 => drop(task.abort_on_drop()),
                        _ => drop(task),
                    }
                    let counts = supervisor.counts();
                    assert_eq!(counts.called, counts.live() + counts.ended());
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    supervisor.idle().await;
    let counts = supervisor.counts();
    assert_eq!((counts.called, counts.ended(), counts.live()), (2000, 2000, 0));
    assert!(supervisor.tasks().is_empty());
}
