//! What a task holds from its call to its end: copies of what was lent, and what the body never names.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::log::{Log, Part};

/// The copies of what was lent are dropped as owned parameters would be.
#[derive(Clone)]
struct Lent(Arc<Part>);

#[detached::background(timeout = "none")]
async fn copies(first: &Lent, _: &Lent, (second, third): (Lent, Lent), &Lent(ref fourth): &Lent) -> usize {
    let _local = first.0.log.part("local");
    second.0.touch() + third.0.touch() + fourth.touch()
}

#[tokio::test]
async fn copies_last_as_long_as_the_task() {
    let log = Log::default();
    let names = ["first", "unnamed", "second", "third", "fourth"];
    let parts = names.map(|name| Lent(Arc::new(log.part(name))));
    let [first, unnamed, second, third, fourth] = parts.clone();
    let task = copies(&first, &unnamed, (second, third), &fourth);
    drop((parts, first, unnamed, fourth));
    assert_eq!(log.take(), [] as [&str; 0], "the task holds a copy of each");
    task.await.unwrap();
    let mut ended = log.take();
    assert_eq!(ended[..4], ["touch second", "touch third", "touch fourth", "drop local"]);
    ended.sort();
    assert_eq!(ended[..6], ["drop first", "drop fourth", "drop local", "drop second", "drop third", "drop unnamed"]);
}

struct Job {
    #[allow(dead_code)]
    permit: OwnedSemaphorePermit,
    steps: usize,
}

#[detached::background(timeout = "none")]
async fn nobody_names_the_permit(
    _: OwnedSemaphorePermit,
    (_, _): (OwnedSemaphorePermit, u8),
    Job { steps, .. }: Job,
    _permit: OwnedSemaphorePermit,
    #[allow(unused_variables)] unused: OwnedSemaphorePermit,
) -> usize {
    tokio::task::yield_now().await;
    steps
}

#[tokio::test]
async fn a_permit_nobody_names_is_held() {
    let permits = Arc::new(Semaphore::new(5));
    let permit = || permits.clone().try_acquire_owned().unwrap();
    let job = Job { permit: permit(), steps: 1 };
    let task = nobody_names_the_permit(permit(), (permit(), 1), job, permit(), permit());
    assert_eq!(permits.available_permits(), 0, "called");
    tokio::task::yield_now().await;
    assert_eq!(permits.available_permits(), 0, "it waits");
    assert!(!task.is_finished());
    assert_eq!(task.await.unwrap(), 1);
    assert_eq!(permits.available_permits(), 5, "it has ended");
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Unit;

impl Drop for Unit {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

#[detached::background(timeout = "none")]
async fn a_unit_struct_as_a_pattern(Unit: Unit) -> usize {
    DROPPED.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_unit_struct_is_moved_into_the_task() {
    let task = a_unit_struct_as_a_pattern(Unit);
    assert_eq!(DROPPED.load(Ordering::Relaxed), 0, "in the caller");
    assert_eq!(task.await.unwrap(), 0);
    assert_eq!(DROPPED.load(Ordering::Relaxed), 1);
}
