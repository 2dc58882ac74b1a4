//! Cancellation as a tree: what reaches whom, which cause stays, and where deadlines end.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::task::{Context as PollContext, Wake, Waker};
use std::thread;
use std::time::Duration;

use detached::{Cause, Context, TaskError, background};
use detached_tests::poll::{poll_once, within_a_day};
use tokio::sync::oneshot;
use tokio::time::{Instant, advance};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_parents_cancellation_reaches_all_below_and_a_childs_stays_its_own() {
    let parent = Context::new();
    let (child, sibling) = (parent.child(), parent.with_timeout(SECOND));
    let grandchild = child.child();

    child.cancel("the child's");
    assert_eq!(child.cause(), Some(Cause::from("the child's")));
    assert_eq!(grandchild.cause(), Some(Cause::from("the child's")));
    assert_eq!((parent.cause(), sibling.cause()), (None, None));

    parent.cancel(Cause::Completed);
    assert_eq!(sibling.cause(), Some(Cause::Completed));
    assert_eq!(parent.child().cause(), Some(Cause::Completed), "a child made later is cancelled at once");
    within_a_day(sibling.cancelled()).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_is_woken() {
    let parent = Context::new();
    let waiters = [parent.clone(), parent.child(), parent.child().child()]
        .map(|context| tokio::spawn(async move { (context.cancelled().await, context.cause()).1 }));
    tokio::task::yield_now().await;

    parent.cancel(Cause::Disconnected);
    for waiter in waiters {
        assert_eq!(within_a_day(waiter).await.expect("it does not panic"), Some(Cause::Disconnected));
    }
}

#[test]
fn a_handle_is_the_same_context_and_a_value_added_to_a_shared_one_makes_a_child() {
    let context = Context::new();
    let handle = context.clone();
    let child = handle.with("user_id", 7_u64);
    assert!(context.names().is_empty());

    child.cancel("the child's");
    assert!(!context.is_cancelled());

    let alone = Context::new();
    let view = alone.as_origin();
    let alone = alone.with("user_id", 7_u64);
    alone.cancel("its own");
    assert!(view.is_cancelled(), "an unshared handle keeps its context");
}

#[test]
fn a_child_starts_with_its_parents_values_and_shares_none_that_come_later() {
    let parent = Context::new().with("user_id", 7_u64);
    let child = parent.child();
    parent.insert("tenant", "acme");
    child.insert("user_id", 8_u64);

    assert_eq!(child.names(), ["user_id"]);
    assert_eq!(parent.get("user_id"), Ok(7_u64));
    assert_eq!(child.get("user_id"), Ok(8_u64));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_works_though_the_parent_has_none() {
    let context = Context::new().with_timeout(SECOND);
    assert_eq!(context.remaining(), Some(SECOND));

    advance(SECOND / 2).await;
    assert_eq!((context.remaining(), context.cause()), (Some(SECOND / 2), None));
    assert_eq!(poll_once(context.cancelled()).await, None);

    let waited = Instant::now();
    within_a_day(context.cancelled()).await;
    assert_eq!(waited.elapsed(), SECOND / 2);
    assert_eq!((context.remaining(), context.cause()), (Some(Duration::ZERO), Some(Cause::TimedOut)));
}

#[tokio::test(start_paused = true)]
async fn a_child_never_outlives_its_parents_deadline_and_may_have_an_earlier_one() {
    let now = Instant::now();
    let parent = Context::new().with_timeout(2 * SECOND);

    assert_eq!(parent.child().deadline(), Some(now + 2 * SECOND));
    assert_eq!(parent.with_timeout(3 * SECOND).deadline(), Some(now + 2 * SECOND));
    assert_eq!(parent.with_timeout(Duration::MAX).deadline(), Some(now + 2 * SECOND));
    assert_eq!(parent.with_deadline(now + 9 * SECOND).deadline(), Some(now + 2 * SECOND));
    let shorter = parent.with_timeout(SECOND);
    assert_eq!(shorter.deadline(), Some(now + SECOND));

    within_a_day(shorter.cancelled()).await;
    assert_eq!((shorter.cause(), parent.cause()), (Some(Cause::TimedOut), None));
    within_a_day(parent.cancelled()).await;
    assert_eq!(now.elapsed(), 2 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_has_passed_cancels_at_once_and_one_beyond_the_clock_never() {
    let late = Context::new().with_deadline(Instant::now());
    assert_eq!(late.cause(), Some(Cause::TimedOut));
    within_a_day(late.cancelled()).await;

    assert_eq!(Context::new().with_timeout(Duration::MAX).deadline(), None);
}

/// The causes of parent and child after two steps, taken `apart`, and asked for in between or not.
async fn causes_after(
    asked: bool,
    first: impl Fn(&Context, &Context),
    second: impl Fn(&Context, &Context),
) -> (Option<Cause>, Option<Cause>) {
    let parent = Context::new();
    let child = parent.with_timeout(10 * SECOND);
    for step in [&first as &dyn Fn(&Context, &Context), &second] {
        step(&parent, &child);
        if asked {
            let _ = (parent.cause(), child.cause());
        }
        advance(SECOND).await;
    }
    (parent.cause(), child.cause())
}

#[tokio::test(start_paused = true)]
async fn the_first_cause_stays_whether_or_not_it_was_asked_for() {
    let parents = |parent: &Context, _: &Context| parent.cancel("the parent's");
    let childs = |_: &Context, child: &Context| child.cancel("the child's");
    let others = |_: &Context, child: &Context| child.cancel("another");
    let (of_parent, of_child) = (Some(Cause::from("the parent's")), Some(Cause::from("the child's")));

    for asked in [false, true] {
        assert_eq!(causes_after(asked, parents, childs).await, (of_parent.clone(), of_parent.clone()));
        assert_eq!(causes_after(asked, childs, parents).await, (of_parent.clone(), of_child.clone()));
        assert_eq!(causes_after(asked, childs, others).await, (None, of_child.clone()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_and_a_cancellation_keep_their_order() {
    let cancelled = Context::new().with_timeout(SECOND);
    cancelled.cancel("before the deadline");
    let timed_out = Context::new().with_timeout(SECOND);
    let (parent, child) = {
        let parent = Context::new();
        (parent.clone(), parent.with_timeout(SECOND))
    };
    let (early, below) = {
        let early = Context::new();
        (early.clone(), early.with_timeout(SECOND))
    };
    early.cancel("the parent's");

    advance(2 * SECOND).await;
    timed_out.cancel("after the deadline");
    parent.cancel("after the child's deadline");

    assert_eq!(cancelled.cause(), Some(Cause::from("before the deadline")));
    assert_eq!(timed_out.cause(), Some(Cause::TimedOut));
    assert_eq!(child.cause(), Some(Cause::TimedOut));
    assert_eq!(below.cause(), Some(Cause::from("the parent's")), "before the child's own deadline");
}

#[test]
fn a_cause_once_given_never_changes_whoever_races() {
    for round in 0..2_000 {
        let parent = Context::new();
        let child = parent.child();
        let start = Arc::new(Barrier::new(4));
        let cancel = |context: &Context, cause: &'static str| {
            let (context, start) = (context.clone(), Arc::clone(&start));
            thread::spawn(move || (start.wait(), context.cancel(cause)))
        };
        let watch = |context: &Context| {
            let (context, start) = (context.clone(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                let first = loop {
                    if let Some(cause) = context.cause() {
                        break cause;
                    }
                };
                (0..100).for_each(|_| assert_eq!(context.cause().as_ref(), Some(&first), "round {round}"));
                first
            })
        };
        let (one, other, watcher) = (cancel(&parent, "the parent's"), cancel(&child, "the child's"), watch(&child));
        start.wait();
        one.join().expect("it does not panic");
        other.join().expect("it does not panic");
        let seen = watcher.join().expect("the cause did not change");
        assert_eq!(child.cause(), Some(seen), "round {round}");
    }
}

/// A waker that says whether it was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn whoever_is_the_first_to_wait_or_to_make_a_child_hears_of_a_cancellation_that_races_it() {
    for round in 0..5_000 {
        let (context, woken, start) = (Context::new(), Arc::new(Woken::default()), Barrier::new(3));
        let waker = Waker::from(Arc::clone(&woken));
        let mut waits = pin!(context.cancelled());
        let mut is_over = || waits.as_mut().poll(&mut PollContext::from_waker(&waker)).is_ready();
        let (was_over, child) = thread::scope(|scope| {
            scope.spawn(|| (start.wait(), context.cancel(Cause::Disconnected)));
            let child = scope.spawn(|| (start.wait(), context.child()).1);
            start.wait();
            (is_over(), child.join().expect("it does not panic"))
        });
        assert!(was_over || woken.0.load(Ordering::SeqCst), "round {round}");
        assert!(was_over || is_over(), "round {round}");
        assert!(context.is_cancelled() && child.is_cancelled(), "round {round}");
        assert_eq!(child.cause(), Some(Cause::Disconnected), "round {round}");
    }
}

#[test]
fn a_long_line_of_children_is_cancelled_and_freed_without_a_deep_stack() {
    let first = Context::new();
    let mut last = first.child();
    for _ in 0..100_000 {
        last = last.child();
    }
    first.cancel(Cause::Completed);
    assert_eq!(last.cause(), Some(Cause::Completed));
}

#[tokio::test(start_paused = true)]
async fn to_cancel_a_tasks_own_context_is_to_cancel_the_task() {
    #[background(timeout = "1h")]
    async fn give_up() {
        Context::current().cancel("no such order");
        std::future::pending().await
    }

    assert_eq!(give_up().await, Err(TaskError::Cancelled(Cause::from("no such order"))));
}

#[tokio::test(start_paused = true)]
async fn to_cancel_a_child_of_a_tasks_context_is_not_to_cancel_the_task() {
    #[background(timeout = "1h")]
    async fn try_a_part() -> Option<Cause> {
        let part = Context::current().child();
        part.cancel("the part took too long");
        // A value added here makes a child too: the task holds its context.
        Context::current().with("attempt", 2).cancel("so did the second");
        tokio::task::yield_now().await;
        part.cause()
    }

    assert_eq!(try_a_part().await, Ok(Some(Cause::from("the part took too long"))));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_task_tells_its_context_and_all_below_the_cause() {
    #[background(timeout = "1h", grace = "1h")]
    async fn listen() -> (Option<Cause>, Option<Cause>) {
        let own = Context::current();
        let child = own.child();
        child.cancelled().await;
        (own.cause(), child.cause())
    }

    let task = listen();
    tokio::task::yield_now().await;
    task.cancel("enough");
    let cause = Some(Cause::from("enough"));
    assert_eq!(task.await, Ok((cause.clone(), cause)));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_asks_for_its_context_after_it_was_cancelled_finds_the_cause() {
    #[background(timeout = "1h", grace = "1h")]
    async fn ask_late(gate: oneshot::Receiver<()>) -> Option<Cause> {
        gate.await.expect("the test opens the gate");
        Context::current().cause()
    }

    let (open, gate) = oneshot::channel();
    let task = ask_late(gate);
    tokio::task::yield_now().await;
    task.cancel("enough");
    open.send(()).expect("the task waits at the gate");
    assert_eq!(task.await, Ok(Some(Cause::from("enough"))));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_out_of_time_finds_its_context_timed_out() {
    #[background(timeout = "1s", grace = "1s")]
    async fn listen() -> (Duration, Option<Cause>) {
        let (context, started) = (Context::current(), Instant::now());
        context.cancelled().await;
        (started.elapsed(), context.cause())
    }

    assert_eq!(listen().await, Ok((SECOND, Some(Cause::TimedOut))));
}

#[tokio::test(start_paused = true)]
async fn the_context_of_an_ended_task_can_still_be_cancelled_by_whoever_holds_it() {
    #[background(timeout = "1h")]
    async fn hand_out(to: oneshot::Sender<Context>) {
        to.send(Context::current()).expect("the test takes it");
    }

    let (to, from) = oneshot::channel();
    hand_out(to).await.expect("the task ended");
    let context = from.await.expect("it was handed out");
    let child = context.child();
    assert!(!context.is_cancelled(), "to end is not to be cancelled");

    context.cancel("by the holder");
    assert_eq!(child.cause(), Some(Cause::from("by the holder")));
}
