//! Whoever waits may bring a waker that panics, when it wakes or when it is dropped: it hurts neither who wakes it nor who
//! else waits.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as PollContext, Poll, Wake, Waker};
use std::time::Duration;

use detached::{Cause, Context, Supervisor, Task, TaskError, background};
use tokio::sync::oneshot;
use tokio::task::yield_now;

const SECOND: Duration = Duration::from_secs(1);

/// Counts how often it is woken; some panic.
#[derive(Default)]
struct Bell {
    rung: AtomicUsize,
    panics_on_wake: bool,
    panics_on_drop: bool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panics_on_wake, "in the waker");
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        assert!(!self.panics_on_drop, "in the drop of the waker");
    }
}

/// A future that was polled once, by a waker of its own, and waits.
struct Waiter<'a> {
    future: Pin<Box<dyn Future<Output = ()> + Send + 'a>>,
    bell: Arc<Bell>,
}

impl<'a> Waiter<'a> {
    fn new(future: impl Future<Output = ()> + Send + 'a, bell: Bell) -> Self {
        let mut waiter = Self { future: Box::pin(future), bell: Arc::new(bell) };
        assert_eq!(waiter.poll(), Poll::Pending);
        waiter
    }

    fn poll(&mut self) -> Poll<()> {
        let waker = Waker::from(Arc::clone(&self.bell));
        self.future.as_mut().poll(&mut PollContext::from_waker(&waker))
    }

    #[track_caller]
    fn assert_woken(&mut self) {
        assert!(self.bell.rung.load(Ordering::Relaxed) > 0, "it was woken");
        assert_eq!(self.poll(), Poll::Ready(()));
    }
}

fn sound() -> Bell {
    Bell::default()
}

fn broken() -> Bell {
    let mut bell = sound();
    bell.panics_on_wake = true;
    bell
}

/// Nobody but the waiting holds it, so that it is dropped where it is woken.
fn leave_waiting<'a>(future: impl Future<Output = ()> + Send + 'a) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
    let mut future: Pin<Box<dyn Future<Output = ()> + Send + 'a>> = Box::pin(future);
    let mut bell = broken();
    bell.panics_on_drop = true;
    let waker = Waker::from(Arc::new(bell));
    assert_eq!(future.as_mut().poll(&mut PollContext::from_waker(&waker)), Poll::Pending);
    let _ = catch_unwind(AssertUnwindSafe(|| drop(waker)));
    future
}

/// Runs what must not panic.
#[track_caller]
fn quietly<R>(run: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(given) => given,
        Err(_) => panic!("it was hurt"),
    }
}

#[background(timeout = "5s")]
async fn wait_for(go: oneshot::Receiver<u8>) -> u8 {
    go.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_until_idle_changes_no_outcome_and_keeps_no_one_waiting() {
    let supervisor = Supervisor::new();
    for end in ["complete", "cancel"] {
        let (go, gone) = oneshot::channel();
        let task = supervisor.scope(async { wait_for(gone) }).await;
        yield_now().await;

        // More than tokio wakes in one go.
        let bells = || [sound(), broken(), sound()];
        let mut waiters: Vec<_> =
            (0..20).flat_map(|_| bells()).map(|bell| Waiter::new(supervisor.idle(), bell)).collect();
        let left = leave_waiting(supervisor.idle());
        if end == "complete" {
            go.send(7).unwrap();
            assert_eq!(task.await, Ok(7));
        } else {
            task.cancel("enough");
            assert_eq!(task.await, Err(TaskError::Cancelled(Cause::from("enough"))));
        }
        waiters.iter_mut().for_each(Waiter::assert_woken);
        let _ = catch_unwind(AssertUnwindSafe(|| drop(left)));
        supervisor.idle().await;
    }
}

#[background(timeout = "1m", origin = "follow")]
async fn follow() {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_below_a_context_keeps_nobody_from_its_cancellation() {
    for first_is_broken in [true, false] {
        let root = Context::new();
        let contexts: Vec<Context> = (0..4).flat_map(|_| [root.child(), root.child().child(), root.clone()]).collect();
        let mut tasks: Vec<Task<()>> = Vec::new();
        let origins: Vec<_> = contexts.iter().map(Context::as_origin).collect();
        let mut waiters = Vec::new();
        for (number, (context, origin)) in contexts.iter().zip(&origins).enumerate() {
            let is_broken = (number % 2 == 0) == first_is_broken;
            let bell = || if is_broken { broken() } else { sound() };
            waiters.push(Waiter::new(context.cancelled(), bell()));
            tasks.push(context.scope(async { follow() }).await);
            yield_now().await;
            waiters.push(Waiter::new(origin.cancelled(), bell()));
        }
        let left = leave_waiting(contexts[0].cancelled());

        quietly(|| root.cancel(Cause::Disconnected));
        assert!(contexts.iter().all(|context| context.cause() == Some(Cause::Disconnected)));
        waiters.iter_mut().for_each(Waiter::assert_woken);
        for task in tasks {
            assert_eq!(task.await, Err(TaskError::Cancelled(Cause::Disconnected)));
        }
        let _ = catch_unwind(AssertUnwindSafe(|| drop(left)));
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_for_a_deadline_keeps_nobody_from_it() {
    let context = Context::new().with_timeout(SECOND);
    let bells = [sound(), broken(), sound(), broken(), sound()];
    let mut waiters: Vec<_> = bells.into_iter().map(|bell| Waiter::new(context.cancelled(), bell)).collect();
    let task = context.scope(async { follow() }).await;
    assert_eq!(task.await, Err(TaskError::Cancelled(Cause::TimedOut)));
    waiters.iter_mut().for_each(Waiter::assert_woken);
}

#[background(timeout = "1s")]
async fn lend_context(lent: oneshot::Sender<Context>) {
    lent.send(Context::current()).unwrap();
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_for_the_end_of_a_task_does_not_keep_it_from_that() {
    let supervisor = Supervisor::new();
    for end in ["cancel", "time out", "drain"] {
        let (lent, borrowed) = oneshot::channel();
        let task = supervisor.scope(async { lend_context(lent) }).await;
        let context = borrowed.await.unwrap();
        let child = context.child();
        let mut waiters = [
            Waiter::new(child.cancelled(), broken()),
            Waiter::new(context.cancelled(), sound()),
            Waiter::new(context.cancelled(), broken()),
            Waiter::new(context.cancelled(), sound()),
            Waiter::new(child.cancelled(), sound()),
        ];
        let cause = match end {
            "cancel" => {
                quietly(|| task.cancel("enough"));
                Cause::from("enough")
            }
            "time out" => Cause::TimedOut,
            _ => {
                let mut draining = [
                    Waiter::new(context.draining(), sound()),
                    Waiter::new(child.draining(), broken()),
                    Waiter::new(child.draining(), sound()),
                ];
                supervisor.drain(Duration::ZERO).await;
                draining.iter_mut().for_each(Waiter::assert_woken);
                Cause::Shutdown
            }
        };
        let ended = task.await.unwrap_err();
        assert_eq!(ended, if end == "time out" { TaskError::TimedOut } else { TaskError::Cancelled(cause.clone()) });
        assert_eq!(context.cause(), Some(cause));
        waiters.iter_mut().for_each(Waiter::assert_woken);
    }
}

#[background(timeout = "none", grace = "1s")]
async fn stay() {
    loop {
        std::future::pending::<()>().await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_for_a_drain_stops_no_clock() {
    let supervisor = Supervisor::new();
    let task = supervisor.scope(async { stay() }).await;
    let mut drains =
        [sound(), broken(), sound()].map(|bell| Waiter::new(async { drop(supervisor.drain(SECOND).await) }, bell));
    tokio::time::sleep(2 * SECOND).await;
    for drain in &mut drains {
        assert!(drain.bell.rung.load(Ordering::Relaxed) > 0, "it was woken");
        // It cancels what is left, and waits for that.
        assert_eq!(drain.poll(), Poll::Pending);
    }
    tokio::time::sleep(2 * SECOND).await;
    drains.iter_mut().for_each(Waiter::assert_woken);
    assert_eq!(task.await, Err(TaskError::Cancelled(Cause::Shutdown)));
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_for_the_end_of_the_process_does_not_keep_it_from_that() {
    let supervisor = Supervisor::new();
    let request = supervisor.in_scope(Context::new);
    let mut draining = [
        Waiter::new(supervisor.draining(), sound()),
        Waiter::new(supervisor.draining(), broken()),
        Waiter::new(request.draining(), broken()),
        Waiter::new(request.draining(), sound()),
    ];
    let served = supervisor.serve_until(std::future::ready(()), SECOND, |stopping| async {
        let mut stopping = Waiter::new(stopping, broken());
        tokio::time::sleep(SECOND / 2).await;
        stopping.assert_woken();
        "served"
    });
    assert_eq!(served.await.0, Some("served"));
    draining.iter_mut().for_each(Waiter::assert_woken);
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_for_a_handle_changes_no_outcome() {
    let supervisor = Supervisor::new();
    let (go, gone) = oneshot::channel();
    let mut task = supervisor.scope(async { wait_for(gone) }).await;
    let waker = Waker::from(Arc::new(broken()));
    assert!(Pin::new(&mut task).poll(&mut PollContext::from_waker(&waker)).is_pending());
    go.send(7).unwrap();
    supervisor.idle().await;
    assert_eq!(supervisor.counts().completed, 1);
    assert_eq!(task.await, Ok(7));
}

#[tokio::test]
async fn the_waker_that_is_woken_is_the_last_one_that_polled() {
    let context = Context::new();
    let mut future = Box::pin(context.cancelled());
    let bells: Vec<_> = (0..3).map(|_| Arc::new(sound())).collect();
    for bell in [0, 1, 1, 2].map(|number: usize| &bells[number]) {
        let waker = Waker::from(Arc::clone(bell));
        assert!(future.as_mut().poll(&mut PollContext::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&bells[0]), 1, "the others are let go");
    context.cancel("enough");
    let rung: Vec<_> = bells.iter().map(|bell| bell.rung.load(Ordering::Relaxed)).collect();
    assert_eq!(rung, [0, 0, 1]);
}
