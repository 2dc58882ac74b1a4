//! Background functions of every fate, and the ways to call them.

use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context as PollContext, Poll, Waker};
use std::time::Duration;

use detached::{Cause, Context, Key, Task, Trace, background};
use tokio::task::yield_now;
use tokio::time::sleep;

use super::chance::{below, one_in};
use super::parts::{Mine, discard, misbehave, panic, waker, waker_that_drops_well};
use super::world;

static USER_ID: Key<u64> = Key::new("user_id");
static MINE: Key<Mine> = Key::new("mine");

/// Tasks that saw another request's user, and callers that saw a panic.
static HURT: AtomicU64 = AtomicU64::new(0);

pub(crate) fn hurt() -> u64 {
    HURT.load(Ordering::Relaxed)
}

fn expect_user(expected: u64) {
    if Context::current().get(USER_ID) != Ok(expected) {
        HURT.fetch_add(1, Ordering::Relaxed);
    }
}

/// Waits for a while, or not at all, or longer than any bound.
async fn rest() {
    match below(16) {
        0..6 => {}
        6..12 => yield_now().await,
        12 => sleep(Duration::from_millis(1)).await,
        13 => std::thread::yield_now(),
        14 => Context::current().cancelled().await,
        _ => pending().await,
    }
    misbehave();
}

#[background(timeout = "20ms", supervisor = world::any())]
async fn completes(mine: Mine) -> Mine {
    rest().await;
    mine
}

#[background(timeout = "20ms", level = "warn", supervisor = world::any())]
async fn fails(mine: Mine) -> Result<(), Mine> {
    rest().await;
    Err(mine)
}

#[background(timeout = "20ms", trace = "child", supervisor = world::any())]
async fn panics(_mine: Mine) {
    rest().await;
    panic();
}

#[background(timeout = "1ms", grace = "1ms", trace = "none", supervisor = world::any())]
async fn times_out(_mine: Mine) {
    pending::<()>().await;
}

#[background(timeout = "1ms", grace = "20ms", supervisor = world::any())]
async fn tidies_up(mine: Mine) -> Mine {
    Context::current().cancelled().await;
    mine
}

#[background(timeout = "20ms", limit = 3, supervisor = world::any())]
async fn rejects(_mine: Mine) {
    rest().await;
}

#[background(timeout = "20ms", limit = 3, overflow = "wait", queue = 9, start_timeout = "5ms", supervisor = world::any())]
async fn waits_in_turn(_mine: Mine) {
    rest().await;
}

#[background(timeout = "20ms", limit = 3, overflow = "drop_oldest", queue = 9, supervisor = world::any())]
async fn displaces(_mine: Mine) {
    rest().await;
}

#[background(timeout = "20ms", inherit = [USER_ID, MINE?], supervisor = world::any())]
async fn inherits(expected: u64) {
    expect_user(expected);
    let blocking = detached::spawn_blocking(move || {
        expect_user(expected);
        misbehave();
    });
    if one_in(2) {
        discard(blocking.await);
    }
    rest().await;
    expect_user(expected);
    discard(MINE.try_get());
}

#[background(timeout = "20ms", inherit = [USER_ID], origin = "follow", supervisor = world::any())]
async fn follows(expected: u64, #[inherit(MINE)] _mine: Option<Mine>) {
    rest().await;
    expect_user(expected);
}

#[background(timeout = "none", shutdown = "cancel", supervisor = world::any())]
async fn resides(_mine: Mine) {
    pending::<()>().await;
}

#[background(timeout = "none", supervisor = world::any())]
async fn stays(_mine: Mine) {
    pending::<()>().await;
}

/// Owned by whoever owns the task that calls it.
#[background(timeout = "20ms", inherit = ["user_id?"])]
async fn follows_on(mine: Mine) -> Mine {
    rest().await;
    mine
}

#[background(timeout = "20ms", inherit = [USER_ID], supervisor = world::any())]
async fn calls_another(expected: u64) {
    let another = made(|| hold(follows_on(Mine::default())));
    rest().await;
    expect_user(expected);
    another.await;
}

/// A handle, or something else that is waited for. Its own waker and value may hurt who drops them, and that ends here.
pub(crate) struct Left(Option<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl Left {
    fn new(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(Box::pin(future)))
    }

    fn nothing() -> Self {
        Self(None)
    }
}

impl Future for Left {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<()> {
        let Some(future) = &mut self.0 else { return Poll::Ready(()) };
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        if let Ok(Poll::Pending) = polled {
            return Poll::Pending;
        }
        discard(self.0.take());
        Poll::Ready(())
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        discard(self.0.take());
    }
}

/// What a caller does with the handle of a task that ends by itself.
fn hold<T: Send + 'static>(task: Task<T>) -> Left {
    let task = match below(8) {
        0 => {
            task.cancel("the caller thought better of it");
            task
        }
        1 => task.abort_on_drop(),
        _ => task,
    };
    Left::new(async { discard(task.await) })
}

/// What it does with one that does not.
fn stop<T: Send + 'static>(task: Task<T>) -> Left {
    task.cancel("it would stay");
    Left::new(async { discard(task.await) })
}

/// In a request of its own, which is over before its tasks are.
fn in_request(call: impl FnOnce(u64) -> Left) -> Left {
    let user = below(1 << 40);
    let mut request = Context::new().with(USER_ID, user);
    if one_in(2) {
        request = request.with(MINE, Mine::default());
    }
    let left = request.in_scope(|| call(user));
    if one_in(4) {
        request.cancel(Cause::Disconnected);
    }
    discard(request);
    left
}

fn built() -> Left {
    let task = detached::task("built").supervisor(&world::any()).trace(Trace::Child);
    let mine = Mine::default();
    hold(task.timeout(Duration::from_millis(1)).spawn(async move {
        rest().await;
        if one_in(2) { Ok(mine) } else { Err(mine) }
    }))
}

fn one_of_all() -> Left {
    match below(16) {
        0 => hold(completes(Mine::default())),
        1 => hold(fails(Mine::default())),
        2 => hold(panics(Mine::default())),
        3 => hold(times_out(Mine::default())),
        4 => hold(tidies_up(Mine::default())),
        5 => hold(rejects(Mine::default())),
        6 => hold(waits_in_turn(Mine::default())),
        7 => hold(displaces(Mine::default())),
        8 => in_request(|user| hold(inherits(user))),
        9 => in_request(|user| hold(follows(user))),
        10 => in_request(|user| hold(calls_another(user))),
        // A request without the value.
        11 => Context::new().in_scope(|| hold(inherits(0))),
        12 => stop(resides(Mine::default())),
        13 => stop(stays(Mine::default())),
        14 => {
            drop(stays(Mine::default()).abort_on_drop());
            Left::nothing()
        }
        _ => built(),
    }
}

/// One more call, which must not hurt its caller.
fn made(call: impl FnOnce() -> Left) -> Left {
    world::count_call();
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| {
        HURT.fetch_add(1, Ordering::Relaxed);
        Left::nothing()
    })
}

/// A call from where nothing can be awaited.
pub(crate) fn call_and_leave() {
    if world::is_open() {
        drop(made(one_of_all));
    }
}

/// A call, and then its handle is dropped, awaited, polled by a waker that is not to be relied on, or kept for the end of
/// the round.
pub(crate) async fn call(kept: &mut Vec<Left>) {
    let mut left = made(one_of_all);
    match below(8) {
        0..3 => drop(left),
        3 => left.await,
        4 | 5 => {
            // tokio never frees a task whose handle's waker panics in its drop, nor the open files of its runtime: after a
            // quarter of an hour there would be none left.
            poll_badly(&mut left, waker_that_drops_well());
            kept.push(left);
        }
        _ => kept.push(left),
    }
    if one_in(32) {
        let supervisor = world::any();
        let mut waits = if one_in(2) {
            Left::new(async move { supervisor.idle().await })
        } else {
            Left::new(async move { supervisor.draining().await })
        };
        poll_badly(&mut waits, waker());
        kept.push(waits);
    }
}

/// As [`call`], where no runtime is.
pub(crate) fn call_outside(kept: &mut Vec<Left>) {
    kept.push(made(one_of_all));
}

fn poll_badly(left: &mut Left, waker: Waker) {
    let _ = Pin::new(left).poll(&mut PollContext::from_waker(&waker));
    discard(waker);
}
