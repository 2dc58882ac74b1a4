//! Arguments of 64 KiB, on a stack of 2 MiB, as the threads of a runtime have it, in a build without optimization.

use std::thread;

use detached::background;

const SIZE: usize = 64 * 1024;

#[background(timeout = "1m")]
async fn owned(bytes: [u8; SIZE]) -> u8 {
    tokio::task::yield_now().await;
    bytes[SIZE - 1]
}

#[background(timeout = "1m")]
async fn borrowed(bytes: &[u8; SIZE]) -> u8 {
    tokio::task::yield_now().await;
    bytes[SIZE - 1]
}

#[background(timeout = "1m")]
async fn in_a_pattern((bytes, more): ([u8; SIZE], u8), mut another: [u8; SIZE]) -> u8 {
    tokio::task::yield_now().await;
    another[0] += more;
    bytes[SIZE - 1] + another[0]
}

#[background(timeout = "1m")]
async fn returned(bytes: [u8; SIZE]) -> [u8; SIZE] {
    tokio::task::yield_now().await;
    bytes
}

#[derive(Clone)]
struct Large([u8; SIZE]);

impl Large {
    #[background(timeout = "1m")]
    async fn lent(&self) -> u8 {
        self.0[0]
    }

    #[background(timeout = "1m")]
    async fn moved(mut self) -> u8 {
        self.0[0] += 1;
        tokio::task::yield_now().await;
        self.0[0]
    }
}

async fn call_all() {
    assert_eq!(owned([1; SIZE]).await.unwrap(), 1);
    assert_eq!(borrowed(&[2; SIZE]).await.unwrap(), 2);
    assert_eq!(in_a_pattern(([3; SIZE], 1), [4; SIZE]).await.unwrap(), 8);
    assert_eq!(returned([5; SIZE]).await.unwrap()[0], 5);
    assert_eq!(Large([6; SIZE]).lent().await.unwrap(), 6);
    assert_eq!(Large([7; SIZE]).moved().await.unwrap(), 8);
}

#[test]
fn large_arguments_on_a_small_stack() {
    let call = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(call_all());
    thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(call).unwrap().join().unwrap();
}

#[test]
fn large_arguments_on_a_worker() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_stack_size(2 * 1024 * 1024)
        .enable_all()
        .build()
        .unwrap();
    let task = runtime.spawn(async { call_all().await });
    runtime.block_on(task).unwrap();
}
