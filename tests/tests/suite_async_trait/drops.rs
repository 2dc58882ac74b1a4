//! When the parameters are dropped: after the body.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use detached::background;

mod core {}

/// Flips the flag when it is dropped.
struct Flagger(Arc<AtomicU8>);

impl Drop for Flagger {
    fn drop(&mut self) {
        self.0.fetch_xor(1, Ordering::Relaxed);
    }
}

#[background(timeout = "1m")]
async fn unnamed(_: Flagger, flag: Arc<AtomicU8>) {
    flag.fetch_or(1, Ordering::Relaxed);
}

impl Flagger {
    #[background(timeout = "1m")]
    async fn receiver(self, flag: Arc<AtomicU8>) {
        flag.fetch_or(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn the_body_comes_before_the_drops() {
    let flag = Arc::new(AtomicU8::new(0));
    unnamed(Flagger(flag.clone()), flag.clone()).await.unwrap();
    assert_eq!(flag.load(Ordering::Relaxed), 0);
    Flagger(flag.clone()).receiver(flag.clone()).await.unwrap();
    assert_eq!(flag.load(Ordering::Relaxed), 0);
}

struct Pair<T, U>(T, U);

#[background(timeout = "1m")]
async fn partly_bound(Pair(_, number): Pair<Flagger, u8>, Pair { 1: other, .. }: Pair<Flagger, u8>) -> u8 {
    number + other
}

#[tokio::test]
async fn a_pattern_leaves_a_part_with_a_drop_behind() {
    let flag = Arc::new(AtomicU8::new(0));
    let pair = || Pair(Flagger(flag.clone()), 1);
    let task = partly_bound(pair(), pair());
    assert_eq!(flag.load(Ordering::Relaxed), 0);
    assert_eq!(task.await.unwrap(), 2);
    assert_eq!(Arc::strong_count(&flag), 1);
}
