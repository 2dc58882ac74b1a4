//! `limit = expression`: asked by the first call of each supervisor, and by no other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, LazyLock};
use std::thread;

use detached::{Reason, Supervisor, Task, TaskError, background};
use detached_tests::witness::Witness;
use tokio::runtime::Handle;
use tokio::sync::Notify;

const ROWS: usize = 2;
static CONFIGURED: LazyLock<Vec<usize>> = LazyLock::new(|| vec![1, 2, 3]);

#[background(timeout = "1m", limit = ROWS)]
async fn by_a_constant(go: Arc<Notify>) {
    go.notified().await;
}

#[background(timeout = "1m", limit = { let rows = ROWS; CONFIGURED.iter().map(|row| row * rows).max().unwrap_or(rows) })]
async fn by_a_block(rows: u8, go: Arc<Notify>) -> u8 {
    go.notified().await;
    rows
}

/// How many of the calls run at once.
async fn admitted(calls: usize, call: impl Fn(&Arc<Notify>) -> bool) -> usize {
    let go: Arc<Notify> = Arc::default();
    let running = (0..calls).filter(|_| call(&go)).count();
    tokio::task::yield_now().await;
    go.notify_waiters();
    running
}

#[tokio::test]
async fn any_expression_of_the_type() {
    let supervisor = Supervisor::new();
    let scope = supervisor.scope(async {
        assert_eq!(admitted(5, |go| !by_a_constant(Arc::clone(go)).is_finished()).await, 2);
        assert_eq!(admitted(9, |go| !by_a_block(0, Arc::clone(go)).is_finished()).await, 6);
    });
    scope.await;
    supervisor.idle().await;
}

static ASKED: AtomicUsize = AtomicUsize::new(0);

#[background(timeout = "1m", limit = 1 + ASKED.fetch_add(1, Ordering::Relaxed))]
async fn counting(go: Arc<Notify>) {
    go.notified().await;
}

#[tokio::test]
async fn each_supervisor_asks_once() {
    for supervisors in 1..=3 {
        let supervisor = Supervisor::new();
        let running = supervisor.scope(admitted(5, |go| !counting(Arc::clone(go)).is_finished())).await;
        assert_eq!(running, supervisors);
        assert_eq!(ASKED.load(Ordering::Relaxed), supervisors);
        supervisor.idle().await;
    }
}

static ZEROS: AtomicUsize = AtomicUsize::new(0);

fn zero() -> usize {
    ZEROS.fetch_add(1, Ordering::Relaxed);
    0
}

#[background(timeout = "1m", limit = zero(), overflow = "wait")]
async fn never_run() {
    unreachable!("there is no place for it");
}

#[tokio::test]
async fn zero_rejects() {
    let witness = Witness::new();
    let scope = witness.supervisor.scope(async {
        for _ in 0..2 {
            assert_eq!(never_run().await, Err(TaskError::Rejected(Reason::ZeroLimit)));
        }
    });
    scope.await;
    assert_eq!(ZEROS.load(Ordering::Relaxed), 1);
    let counts = witness.check();
    assert_eq!((counts.rejected, counts.live()), (2, 0));
    assert_eq!(Reason::ZeroLimit.to_string(), "the limit is zero");
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

fn panics_once() -> usize {
    assert!(PANICS.fetch_add(1, Ordering::Relaxed) > 0, "it was not configured yet");
    1
}

#[background(timeout = "1m", limit = panics_once())]
async fn asked_too_early() {}

#[tokio::test]
async fn a_panic_rejects_and_hurts_nobody() {
    let witness = Witness::new();
    let scope = witness.supervisor.scope(async {
        assert_eq!(asked_too_early().await, Err(TaskError::Rejected(Reason::LimitPanicked)));
        assert_eq!(asked_too_early().await, Ok(()));
    });
    scope.await;
    let counts = witness.check();
    assert_eq!((counts.rejected, counts.completed), (1, 1));
}

#[background(timeout = "1m", limit = looks_around())]
async fn looking_around() {}

/// All that takes a lock of the supervisor, and a call at another limit.
fn looks_around() -> usize {
    let supervisor = Supervisor::current();
    let _detached = by_a_constant(Arc::default());
    supervisor.tasks().len() + usize::from(supervisor.counts().live() > 0)
}

#[tokio::test]
async fn no_lock_is_held_meanwhile() {
    let supervisor = Supervisor::new();
    supervisor.scope(async { assert_eq!(looking_around().await, Ok(())) }).await;
}

static BOTH: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(2));

fn asked_by_both() -> usize {
    BOTH.wait();
    1
}

#[background(timeout = "1m", limit = asked_by_both())]
async fn raced(go: Arc<Notify>) {
    go.notified().await;
}

#[tokio::test]
async fn of_two_first_calls_one_is_right() {
    let supervisor = Supervisor::new();
    let go: Arc<Notify> = Arc::default();
    let callers = [(), ()].map(|()| {
        let (supervisor, go, runtime) = (supervisor.clone(), Arc::clone(&go), Handle::current());
        thread::spawn(move || {
            let _entered = runtime.enter();
            supervisor.in_scope(|| raced(go))
        })
    });
    let tasks: Vec<Task<()>> = callers.map(|caller| caller.join().unwrap()).into();
    assert_eq!(tasks.iter().filter(|task| task.is_finished()).count(), 1, "they have one limit");
    tokio::task::yield_now().await;
    go.notify_waiters();
    supervisor.idle().await;
    assert_eq!((supervisor.counts().completed, supervisor.counts().rejected), (1, 1));
}
