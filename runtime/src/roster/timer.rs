//! The timer of one tokio runtime, as those see it who set alarms and who waits for the next.

use std::sync::Arc;

use super::clock::Ticks;
use crate::sync::{AtomicU64, Notify, Ordering};

/// The timer of one tokio runtime.
pub(crate) struct Timer {
    /// When the timer task wakes next, as far as it has said.
    next: AtomicU64,
    earlier: Notify,
}

impl Timer {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { next: AtomicU64::new(Ticks::NEVER.0), earlier: Notify::new() })
    }

    /// Whether the timer task would sleep past `at`, and so must be told. Asked under the lock of the alarm's shard.
    ///
    /// Relaxed, here and in `look`: that lock orders it. Before the timer task takes it to look, it announces `NEVER`.
    /// So either it finds the alarm; or this finds that `NEVER` or what followed it: what it found without the alarm, or
    /// an earlier alarm, whose setter tells it. The load spares most the exchange, and meets the same values.
    #[inline]
    pub(super) fn sleeps_past(&self, at: Ticks) -> bool {
        self.next.load(Ordering::Relaxed) > at.0 && self.next.fetch_min(at.0, Ordering::Relaxed) > at.0
    }

    /// Looks through the alarms: `expire` handles those that are due and gives when the next one is, as this does.
    pub(crate) fn look(&self, expire: impl FnOnce() -> Ticks) -> Ticks {
        self.next.store(Ticks::NEVER.0, Ordering::Relaxed);
        let next = expire();
        // An alarm set meanwhile may be earlier; its setter then saw `NEVER` and tells, so the wait for it is short.
        self.next.store(next.0, Ordering::Relaxed);
        next
    }

    /// Waits until the timer task is to look again before its time.
    pub(super) async fn told(&self) {
        self.earlier.notified().await;
    }

    /// Makes the timer task look again.
    pub(crate) fn tell(&self) {
        self.earlier.notify_one();
    }

    #[cfg(all(test, detached_loom))]
    pub(crate) fn wait(&self) {
        self.earlier.wait();
    }
}
