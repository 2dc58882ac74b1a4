//! The current context follows a future, not a thread: nothing is left on a thread between polls, panics and drops
//! included, and no task ever sees another's.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context as PollContext, Poll, Waker};
use std::thread;

use detached::{Context, Reason, Supervisor, TaskError, background};
use tokio::task::yield_now;

fn user() -> Option<u64> {
    Context::try_current()?.get("user_id").ok()
}

fn of_user(user: u64) -> Context {
    Context::new().with("user_id", user)
}

/// Tells, when it is dropped, which user it finds around it.
struct TellsUser(Sender<Option<u64>>);

impl TellsUser {
    fn new() -> (Self, Receiver<Option<u64>>) {
        let (tell, told) = channel();
        (Self(tell), told)
    }
}

impl Drop for TellsUser {
    fn drop(&mut self) {
        let _ = self.0.send(user());
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut PollContext::from_waker(Waker::noop()))
}

#[test]
fn a_scope_shows_while_it_is_polled_and_not_between_polls() {
    let mut scope = pin!(of_user(7).scope(async {
        let first = user();
        yield_once().await;
        [first, user()]
    }));
    assert_eq!(user(), None, "making it is not entering it");
    assert!(poll(scope.as_mut()).is_pending());
    assert_eq!(user(), None);
    assert_eq!(poll(scope.as_mut()), Poll::Ready([Some(7), Some(7)]));
    assert_eq!(user(), None);
}

#[test]
fn a_scope_covers_the_one_around_it_while_it_lasts() {
    let mut outer = pin!(of_user(1).scope(async {
        of_user(2).scope(async { assert_eq!(user(), Some(2)) }).await;
        assert_eq!(user(), Some(1));
    }));
    assert!(poll(outer.as_mut()).is_ready());
}

#[test]
fn a_scope_may_hop_from_thread_to_thread() {
    let mut scope = Box::pin(of_user(7).scope(async {
        let first = thread::current().id();
        yield_once().await;
        assert_ne!(thread::current().id(), first);
        user()
    }));
    assert!(poll(scope.as_mut()).is_pending());
    assert_eq!(user(), None);
    let seen = thread::spawn(move || (poll(scope.as_mut()), user())).join().expect("it does not panic");
    assert_eq!(seen, (Poll::Ready(Some(7)), None));
}

async fn yield_once() {
    let mut waited = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

#[test]
fn a_panic_in_a_scope_takes_it_off_the_thread() {
    async fn panics() {
        resume_unwind(Box::new("in the scope"))
    }
    let mut outer = pin!(of_user(1).scope(async {
        let mut inner = pin!(of_user(2).scope(panics()));
        let caught = std::panic::catch_unwind(AssertUnwindSafe(|| poll(inner.as_mut())));
        assert!(caught.is_err());
        assert_eq!(user(), Some(1), "the scope around it is back");
    }));
    assert!(poll(outer.as_mut()).is_ready());
    assert_eq!(user(), None);
}

#[test]
fn what_a_scope_holds_is_dropped_in_the_scope_polled_or_not() {
    let (unpolled, told) = TellsUser::new();
    drop(of_user(7).scope(async move { drop(unpolled) }));
    assert_eq!(told.recv(), Ok(Some(7)));

    let (polled, told) = TellsUser::new();
    let mut scope = Box::pin(of_user(8).scope(async move {
        let _polled = polled;
        pending::<()>().await;
    }));
    assert!(poll(scope.as_mut()).is_pending());
    drop(scope);
    assert_eq!(told.recv(), Ok(Some(8)));
    assert_eq!(user(), None);
}

#[test]
fn a_drop_that_panics_takes_its_scope_off_the_thread() {
    struct PanicsOnDrop;
    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            resume_unwind(Box::new("in the drop"));
        }
    }
    let held = PanicsOnDrop;
    let scope = of_user(7).scope(async move { drop(held) });
    assert!(std::panic::catch_unwind(AssertUnwindSafe(|| drop(scope))).is_err());
    assert_eq!(user(), None);
}

#[tokio::test(start_paused = true)]
async fn what_is_spawned_by_hand_inside_a_scope_starts_with_nothing() {
    of_user(7)
        .scope(async {
            assert_eq!(tokio::spawn(async { user() }).await.expect("it does not panic"), None);
            assert_eq!(tokio::task::spawn_blocking(user).await.expect("it does not panic"), None);
            assert_eq!(user(), Some(7));
        })
        .await;
}

#[background(timeout = "1h", inherit = ["user_id"])]
async fn hold(_held: TellsUser, panics: bool) {
    yield_now().await;
    if panics {
        resume_unwind(Box::new("in the body"));
    }
    pending().await
}

#[tokio::test(start_paused = true)]
async fn what_a_body_holds_is_dropped_in_its_context_however_it_ends() {
    let call = async |panics| {
        let (held, told) = TellsUser::new();
        (of_user(7).scope(async { hold(held, panics) }).await, told)
    };

    let (panicking, told) = call(true).await;
    assert_eq!(panicking.await, Err(TaskError::Panicked));
    assert_eq!(told.recv(), Ok(Some(7)));

    let (cancelled, told) = call(false).await;
    yield_now().await;
    cancelled.cancel("while it waits");
    assert!(cancelled.await.is_err());
    assert_eq!(told.recv(), Ok(Some(7)));

    let (unstarted, told) = call(false).await;
    unstarted.cancel("before it starts");
    assert!(unstarted.await.is_err());
    assert_eq!(told.recv(), Ok(Some(7)));
}

#[tokio::test(start_paused = true)]
async fn what_a_future_still_holds_after_its_panic_is_dropped_in_its_context() {
    /// Unlike an async block, it does not let go of its fields while its poll unwinds.
    struct PanicsHolding {
        _held: TellsUser,
    }
    impl Future for PanicsHolding {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut PollContext<'_>) -> Poll<()> {
            resume_unwind(Box::new("in the poll"))
        }
    }

    let (held, told) = TellsUser::new();
    let task = detached::task("panics").no_timeout().inherit(&"user_id").context(&of_user(7));
    assert_eq!(task.spawn(PanicsHolding { _held: held }).await, Err(TaskError::Panicked));
    assert_eq!(told.recv(), Ok(Some(7)));
}

#[test]
fn what_a_body_holds_is_dropped_in_its_context_when_the_runtime_ends() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (held, told) = TellsUser::new();
    runtime.block_on(async {
        drop(of_user(7).scope(async { hold(held, false) }).await);
        yield_now().await;
    });
    drop(runtime);
    assert_eq!(told.recv(), Ok(Some(7)));
    assert_eq!(user(), None);
}

#[tokio::test(start_paused = true)]
async fn a_supervisors_scope_in_a_task_leaves_the_tasks_context_in_place() {
    #[background(timeout = "1h", inherit = ["user_id"])]
    async fn call_elsewhere(other: Supervisor) -> (Option<u64>, Option<u64>) {
        // Nobody has asked for the context before the other supervisor covers the task's.
        let inside = other.scope(async { user() }).await;
        (inside, user())
    }

    let other = Supervisor::new();
    let task = of_user(7).scope(async { call_elsewhere(other) }).await;
    assert_eq!(task.await, Ok((Some(7), Some(7))));
}

#[test]
fn a_thread_that_is_being_torn_down_shows_nothing_and_can_still_call() {
    struct AtTheEnd(Sender<(bool, Result<(), TaskError>)>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let task = detached::task("last words").no_timeout().spawn(async {});
            let mut task = pin!(task);
            let Poll::Ready(ended) = poll(task.as_mut()) else { panic!("there is no runtime here") };
            self.0.send((Context::try_current().is_none(), ended)).expect("the test listens");
        }
    }
    thread_local! { static AT_THE_END: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) }; }

    let (tell, told) = channel();
    let ended = thread::spawn(move || {
        // First used before the ambient state and so destroyed after it.
        AT_THE_END.set(Some(AtTheEnd(tell)));
        let mut scope = pin!(of_user(7).scope(async { user() }));
        assert_eq!(poll(scope.as_mut()), Poll::Ready(Some(7)));
    });
    ended.join().expect("a teardown does not panic");
    assert_eq!(told.recv(), Ok((true, Err(TaskError::Rejected(Reason::NoRuntime)))));
}

/// What a value does when the last holder drops it, or when it is shown.
struct Bomb;
impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new("in the drop of a value"));
    }
}
impl std::fmt::Debug for Bomb {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        resume_unwind(Box::new("in the debug of a value"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_panics_when_shown_or_dropped_hurts_neither_its_task_nor_the_next() {
    #[background(timeout = "1h", inherit = ["bomb", "user_id"])]
    async fn carry() -> (Option<u64>, String) {
        (user(), format!("{:?}", Context::current()))
    }

    let recording = detached_tests::recording::Recording::new();
    let _recorded = recording.set_default();
    let supervisor = Supervisor::new();
    for _ in 0..2 {
        // The task is the last holder.
        let request = of_user(7).with("bomb", Arc::new(Bomb));
        let task = supervisor.scope(request.scope(async { carry() })).await;
        let shown = r#"Context { values: {"bomb": <panicked while shown>, "user_id": 7}, "#;
        drop(std::panic::catch_unwind(AssertUnwindSafe(|| drop(request))));
        let (seen, text) = task.await.expect("it completes");
        assert_eq!(seen, Some(7));
        assert!(text.starts_with(shown), "{text}");
    }
    supervisor.idle().await;
    assert_eq!((supervisor.counts().completed, supervisor.counts().running), (2, 0));
    assert_eq!(recording.outcomes("carry").len(), 2);
    assert_eq!(user(), None);
}

#[tokio::test(start_paused = true)]
async fn a_replaced_value_is_dropped_by_whoever_replaced_it_and_the_store_stays_whole() {
    let context = of_user(7);
    context.insert("bomb", Arc::new(Bomb));
    let replaced = std::panic::catch_unwind(AssertUnwindSafe(|| context.insert("bomb", "defused")));
    assert!(replaced.is_err(), "the panic is the caller's own");
    assert_eq!(context.get("bomb"), Ok("defused"));
    assert_eq!(context.names(), ["user_id", "bomb"]);
}

/// Every task checks, on each of its polls, that it sees its own user; some panic, some are dropped while they wait.
#[background(timeout = "1h", inherit = ["user_id"])]
async fn stay_oneself(expected: u64, leaked: Arc<AtomicBool>) {
    for round in 0..10_u64 {
        if user() != Some(expected) {
            leaked.store(true, Ordering::Relaxed);
        }
        if panics(expected) && round == expected % 10 {
            resume_unwind(Box::new("in the body"));
        }
        if waits(expected) && round == expected % 10 {
            pending::<()>().await;
        }
        yield_now().await;
    }
}

fn panics(number: u64) -> bool {
    number % 3 == 1
}

fn waits(number: u64) -> bool {
    number % 3 == 0
}

/// Runs between the tasks, on the same threads, with no context of its own.
async fn see_nobody(leaked: Arc<AtomicBool>) {
    for _ in 0..20 {
        if Context::try_current().is_some() {
            leaked.store(true, Ordering::Relaxed);
        }
        yield_now().await;
    }
}

#[test]
fn no_task_and_no_thread_sees_another_tasks_user_through_panics_and_drops() {
    let leaked = Arc::new(AtomicBool::new(false));
    let looks = |leaked: &Arc<AtomicBool>| {
        let leaked = Arc::clone(leaked);
        move || {
            if Context::try_current().is_some() {
                leaked.store(true, Ordering::Relaxed);
            }
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .on_thread_park(looks(&leaked))
        .on_thread_stop(looks(&leaked))
        .build()
        .expect("a runtime");

    let supervisor = Supervisor::new();
    runtime.block_on(async {
        let requests = (0..2_100_u64).map(|number| {
            let (supervisor, leaked) = (supervisor.clone(), Arc::clone(&leaked));
            tokio::spawn(async move {
                let call = async { stay_oneself(number, Arc::clone(&leaked)) };
                let task = supervisor.scope(of_user(number).scope(call)).await;
                see_nobody(leaked).await;
                if waits(number) {
                    task.cancel("the end of the test");
                }
                let _ = task.await;
            })
        });
        for request in requests.collect::<Vec<_>>() {
            request.await.expect("it does not panic");
        }
    });
    drop(runtime);

    assert!(!leaked.load(Ordering::Relaxed));
    let counts = supervisor.counts();
    assert_eq!((counts.completed, counts.panicked, counts.cancelled), (700, 700, 700));
}
