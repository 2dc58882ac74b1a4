//! The same through a durable function.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use detached::{Supervisor, background};
use detached_apalis::{Engine, Worker};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Counts down, and tells of the end.
#[derive(Clone)]
struct Left(Arc<(AtomicUsize, Notify)>);

#[background(durable = "ours", timeout = "30s")]
pub(crate) async fn empty(number: u64, #[state] left: Left) {
    let _ = number;
    if left.0.0.fetch_sub(1, Ordering::Relaxed) == 1 {
        left.0.1.notify_one();
    }
}

/// Stores `jobs` one by one, `at_once` of them at the same time.
pub(crate) async fn enqueue(store: &impl Engine, jobs: usize, at_once: usize) {
    let supervisor = Supervisor::builder().store(store.clone()).build();
    let mut callers = JoinSet::new();
    for _ in 0..at_once {
        callers.spawn(supervisor.scope(async move {
            for job in 0..jobs / at_once {
                empty(job as u64).await.unwrap();
            }
        }));
    }
    callers.join_all().await;
}

/// Runs `jobs`, `at_once` of them at the same time.
pub(crate) async fn run(store: &impl Engine, jobs: usize, at_once: usize) {
    let left = Left(Arc::new((AtomicUsize::new(jobs), Notify::new())));
    let worker = Worker::new(store).state(left.clone()).register::<empty>().concurrency(at_once);
    worker.run_until(left.0.1.notified()).await.unwrap();
}
