//! Arguments of 192 KiB, on a stack of 2 MiB, as the threads of a runtime have it, in a build without optimization: what a
//! bare `tokio::spawn` takes there.

use std::thread;

use detached::{Task, background};
use tokio::runtime::Runtime;

const STACK: usize = 2 * 1024 * 1024;
const SIZE: usize = 192 * 1024;
/// Of a value that is returned there are more copies, in a bare task as well.
const RETURNED: usize = 48 * 1024;

async fn bare(bytes: [u8; SIZE]) -> u8 {
    tokio::task::yield_now().await;
    bytes[SIZE - 1]
}

#[background(timeout = "1m")]
async fn owned(bytes: [u8; SIZE]) -> u8 {
    tokio::task::yield_now().await;
    bytes[SIZE - 1]
}

#[background(timeout = "1m", limit = 3, inherit = ["page?"])]
async fn inheriting(#[inherit] user_id: Option<u64>, bytes: [u8; SIZE]) -> u8 {
    tokio::task::yield_now().await;
    bytes[SIZE - 1] + u8::from(user_id.is_some())
}

#[background(timeout = "1m")]
async fn borrowed(bytes: &[u8; SIZE]) -> u8 {
    tokio::task::yield_now().await;
    bytes[SIZE - 1]
}

#[background(timeout = "1m")]
async fn in_a_pattern((bytes, more): ([u8; SIZE], u8)) -> u8 {
    tokio::task::yield_now().await;
    bytes[SIZE - 1] + more
}

#[background(timeout = "1m")]
async fn in_two_halves(first: [u8; SIZE / 2], mut second: [u8; SIZE / 2]) -> u8 {
    tokio::task::yield_now().await;
    second[0] += first[0];
    second[0]
}

#[background(timeout = "1m")]
async fn returned(bytes: [u8; RETURNED]) -> [u8; RETURNED] {
    tokio::task::yield_now().await;
    bytes
}

#[derive(Clone)]
struct Large([u8; SIZE]);

static LARGE: Large = Large([6; SIZE]);

impl Large {
    #[background(timeout = "1m")]
    async fn lent(&self) -> u8 {
        tokio::task::yield_now().await;
        self.0[0]
    }

    #[background(timeout = "1m")]
    async fn moved(mut self) -> u8 {
        self.0[0] += 1;
        tokio::task::yield_now().await;
        self.0[0]
    }
}

/// Each call is in a function of its own: without optimization a function has room for the arguments of all its calls.
const CALLS: [(&str, fn() -> Task<u8>, u8); 8] = [
    ("owned", || owned([1; SIZE]), 1),
    ("inheriting", || inheriting([1; SIZE]), 1),
    ("borrowed", || borrowed(&LARGE.0), 6),
    ("in a pattern", || in_a_pattern(([3; SIZE], 1)), 4),
    ("in two halves", || in_two_halves([3; SIZE / 2], [4; SIZE / 2]), 7),
    ("lent", || LARGE.lent(), 6),
    ("moved", || Large([7; SIZE]).moved(), 8),
    ("again", || owned([9; SIZE]), 9),
];

fn on_a_small_stack(run: impl FnOnce(&Runtime) + Send + 'static) {
    let run = || run(&tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
    thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap();
}

#[test]
fn as_large_as_a_bare_task_takes() {
    on_a_small_stack(|runtime| {
        let _entered = runtime.enter();
        assert_eq!(runtime.block_on(tokio::spawn(bare([1; SIZE]))).unwrap(), 1);
    });
}

#[test]
fn large_arguments_on_a_small_stack() {
    for (name, call, expected) in CALLS {
        on_a_small_stack(move |runtime| {
            assert_eq!(runtime.block_on(async { call().await }), Ok(expected), "{name}");
        });
    }
}

#[test]
fn large_arguments_on_a_worker() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).thread_stack_size(STACK).enable_all().build().unwrap();
    for (name, call, expected) in CALLS {
        let task = runtime.spawn(async move { call().await });
        assert_eq!(runtime.block_on(task).unwrap(), Ok(expected), "{name}");
    }
}

#[test]
fn a_large_result() {
    on_a_small_stack(|runtime| runtime.block_on(async { assert_eq!(returned([5; RETURNED]).await.unwrap()[0], 5) }));
}
