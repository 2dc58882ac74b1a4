//! A small program on several threads, with nothing but `detached` and tokio: for the oldest Rust, the oldest versions of
//! what is depended on, miri and the thread sanitizer, which all want little to build.
//!
//! Callers on all threads race each other and a drain; it panics if a call has not its one outcome, or a task another
//! caller's user.

use std::future::pending;
use std::time::Duration;

use detached::{Cause, Context, Key, Supervisor, background};
use tokio::task::yield_now;

const CALLERS: u64 = 4;
const ROUNDS: u64 = if cfg!(miri) { 2 } else { 12 };

static USER_ID: Key<u64> = Key::new("user_id");

#[background(timeout = "1h", inherit = [USER_ID])]
async fn record(page: &str, user: u64) -> Result<usize, String> {
    assert_eq!(USER_ID.get(), user);
    yield_now().await;
    assert_eq!(USER_ID.get(), user);
    if page.is_empty() { Err("no page".to_owned()) } else { Ok(page.len()) }
}

#[background(timeout = "1h", limit = 2, overflow = "wait", queue = 4)]
async fn in_turn(#[inherit(USER_ID)] user: u64) -> u64 {
    yield_now().await;
    user
}

#[background(timeout = "1ms", grace = "1ms")]
async fn overstays() {
    Context::current().cancelled().await;
    pending::<()>().await;
}

#[background(timeout = "none", origin = "follow")]
async fn follows() {
    pending::<()>().await;
}

async fn serve(user: u64) {
    let request = Context::new().with(USER_ID, user);
    let answer = async {
        drop(record("/", user));
        drop(record("", user));
        drop(overstays());
        drop(follows());
        follows().cancel("no longer wanted");
        drop(in_turn());
        let _ = in_turn().await;
        let _ = record("/pricing", user).await;
    };
    request.scope(answer).await;
    request.cancel(Cause::Disconnected);
}

#[tokio::main(flavor = "multi_thread", worker_threads = 3)]
async fn main() {
    let supervisor = Supervisor::new();
    let callers = [1, 2, 3, 4].map(|caller| {
        tokio::spawn(supervisor.scope(async move {
            for round in 0..ROUNDS {
                serve(caller * ROUNDS + round).await;
            }
        }))
    });
    while supervisor.counts().called < CALLERS * ROUNDS * 8 / 2 {
        yield_now().await;
    }
    // An hour, here and above: an interpreter takes its time.
    let report = supervisor.drain(Duration::from_secs(3600)).await;
    for caller in callers {
        caller.await.expect("a call never panics");
    }
    let counts = supervisor.counts();
    assert_eq!((counts.called, counts.ended(), counts.panicked), (CALLERS * ROUNDS * 8, CALLERS * ROUNDS * 8, 0));
    assert!(report.abandoned.is_empty(), "{report}");
    println!("{counts:?}");
}
