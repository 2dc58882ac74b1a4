//! Deadlines without a timer a task: each tokio runtime has one timer task a supervisor, and each shard of the roster
//! one heap of alarms for it.
//!
//! An alarm is an instant and a slot of the shard. It is never searched for: a task that ends leaves its alarm behind,
//! and the alarm counts only while the entry in its slot still expects that very instant. Timeouts of one length come
//! in order, so a push is one comparison; leftovers are swept when they outnumber the live tasks.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use tokio::time::timeout_at;

use crate::clock::{Epoch, Ticks};
use crate::supervisor::WeakSupervisor;
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
    fn sleeps_past(&self, at: Ticks) -> bool {
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

    /// Makes the timer task look again.
    pub(crate) fn tell(&self) {
        self.earlier.notify_one();
    }

    #[cfg(all(test, detached_loom))]
    pub(crate) fn wait(&self) {
        self.earlier.wait();
    }
}

/// The alarms of one runtime in one shard.
pub(crate) struct Deadlines {
    timer: Arc<Timer>,
    alarms: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Deadlines {
    pub(crate) fn new(timer: Arc<Timer>) -> Self {
        Self { timer, alarms: BinaryHeap::new() }
    }

    /// Adds an alarm; gives the timer if it is to be told, once the shard's lock is released.
    pub(crate) fn push(&mut self, at: Ticks, slot: u32) -> Option<Arc<Timer>> {
        self.alarms.push(Reverse((at.0, slot)));
        self.timer.sleeps_past(at).then(|| Arc::clone(&self.timer))
    }

    /// Takes the first alarm that is due.
    pub(crate) fn pop_due(&mut self, now: Ticks) -> Option<(Ticks, u32)> {
        let Reverse((at, _)) = *self.alarms.peek()?;
        if at > now.0 {
            return None;
        }
        self.alarms.pop().map(|Reverse((at, slot))| (Ticks(at), slot))
    }

    /// When the first alarm is due.
    pub(crate) fn next(&self) -> Ticks {
        self.alarms.peek().map_or(Ticks::NEVER, |Reverse((at, _))| Ticks(*at))
    }

    pub(crate) fn len(&self) -> usize {
        self.alarms.len()
    }

    /// Drops the alarms that nobody expects any more.
    pub(crate) fn sweep(&mut self, expected: impl Fn(Ticks, u32) -> bool) {
        self.alarms.retain(|Reverse((at, slot))| expected(Ticks(*at), *slot));
    }
}

/// The timer task: wakes whoever's alarm is due, then sleeps until the next, or until an earlier one is set.
/// Ends with the supervisor.
pub(crate) async fn drive(supervisor: WeakSupervisor, timer: Arc<Timer>, index: u32, epoch: Epoch) {
    loop {
        let Some(alive) = supervisor.upgrade() else { return };
        let next = timer.look(|| alive.roster().expire(index, epoch.ticks()));
        drop(alive);
        match epoch.instant(next) {
            Some(at) => drop(timeout_at(at, timer.earlier.notified()).await),
            None => timer.earlier.notified().await,
        }
    }
}
