//! Deadlines without a timer a task: each tokio runtime has one timer task a supervisor, and each shard of the roster
//! one heap of alarms for it.
//!
//! An alarm is an instant and a slot of the shard. It is never searched for: a task that ends leaves its alarm behind,
//! and the alarm counts only while the entry in its slot still expects that very instant. Timeouts of one length come
//! in order, so a push is one comparison; leftovers are swept when they outnumber the live tasks.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::clock::Ticks;
use super::timer::Timer;

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
    #[inline]
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

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.alarms.len()
    }

    /// Drops the alarms that nobody expects any more.
    pub(crate) fn sweep(&mut self, expected: impl Fn(Ticks, u32) -> bool) {
        self.alarms.retain(|Reverse((at, slot))| expected(Ticks(*at), *slot));
    }
}
