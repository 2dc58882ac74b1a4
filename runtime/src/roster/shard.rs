//! One shard of the roster: its entries, counts, alarms and ledger, and what is done to them under its lock.

use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;

use super::clock::Ticks;
use super::counters::Counters;
use super::deadlines::{Alarm, Deadlines};
use super::door::{Door, Left};
use super::entry::{Entry, Grace};
use super::ledger::Ledger;
use super::slab::Slab;
use super::stop::Stop;
use super::timer::Timer;
use super::wakeup::Wakeup;
use crate::context::TaskKey;
use crate::sync::{AtomicUsize, Mutex, Ordering, lock};

/// How many entries are looked at in one holding of a lock, by what looks at all of them.
const BATCH: u32 = 256;

/// Aligned, so that two shards share no cache line (two lines are fetched at a time on x86-64).
#[derive(Default)]
#[repr(align(128))]
pub(super) struct Shard {
    /// How many live entries are marked to stop. Read without the lock, so that a poll of a task nobody stops needs none.
    pub(super) stops: AtomicUsize,
    /// Those who left through the door.
    pub(super) left: Left,
    pub(super) state: Mutex<State>,
}

impl Shard {
    /// Whether those inside are residents at most; then whoever waits is told.
    #[cold]
    pub(super) fn is_last(&self, door: &Door) -> bool {
        let is_last = door.is_empty(&self.left, true);
        if is_last {
            self.left.clear_awaited();
        }
        is_last
    }
}

#[derive(Default)]
pub(super) struct State {
    pub(super) door: Door,
    pub(super) entries: Slab<Entry>,
    pub(super) last_id: u64,
    pub(super) counters: Counters,
    /// By the timers' numbers.
    pub(super) deadlines: Vec<Deadlines>,
    /// What ended since a drain began.
    pub(super) ledger: Option<Ledger>,
}

impl State {
    #[inline]
    pub(super) fn entry(&mut self, key: TaskKey) -> Option<&mut Entry> {
        self.entries.get_mut(key.slot).filter(|entry| entry.id == key.id.get())
    }

    #[inline]
    pub(super) fn new_id(&mut self, shard: usize, shards: usize) -> NonZero<u64> {
        self.last_id += 1;
        // The remainder names the shard; one shard's numbers never meet another's, nor zero.
        NonZero::new(self.last_id * shards as u64 + shard as u64).expect("more numbers than tasks")
    }

    /// Sets an alarm that its entry expects on that timer. Gives the timer if it is to be told of it.
    #[inline]
    pub(super) fn arm(&mut self, timer: u32, alarm: Alarm) -> Option<Arc<Timer>> {
        let deadlines = self.deadlines.get_mut(timer as usize)?;
        if deadlines.len() > 2 * self.entries.len() + BATCH as usize {
            let entries = &self.entries;
            deadlines.sweep(|alarm| {
                entries.get(alarm.slot).is_some_and(|entry| entry.timer == timer && alarm.is_expected_by(entry))
            });
        }
        deadlines.push(alarm)
    }
}

/// Has the entry expect to be woken at that moment; gives the alarm to be set for it, and on which timer.
#[inline]
pub(super) fn expect(entry: &mut Entry, at: Ticks, slot: u32) -> (u32, Alarm) {
    entry.alarm = at;
    (entry.timer, Alarm::of(entry, at, slot))
}

/// Hands out the shard's slots a batch at a time, each under the lock of its own.
pub(super) fn in_batches(shard: &Shard, mut batch: impl FnMut(&mut State, Range<u32>)) {
    let mut first = 0;
    loop {
        let mut state = lock(&shard.state);
        let last = state.entries.slots();
        if first >= last {
            return;
        }
        let next = last.min(first + BATCH);
        batch(&mut state, first..next);
        first = next;
    }
}

/// Marks `entry`, under its shard's lock; gives what to do after it, if this marked it.
pub(super) fn mark(shard: &Shard, entry: &mut Entry, stop: Stop) -> Option<Wakeup> {
    if entry.stop.is_some() {
        return None;
    }
    // A task that never started, or has no grace, is dropped at its next poll.
    if entry.waiting || entry.function.options.grace.is_zero() {
        entry.grace = Grace::Over;
    }
    let wakeup = Wakeup::of(entry, &stop);
    entry.stop = Some(stop);
    // An alarm that was set for the wait or the run says nothing of the grace.
    entry.alarm = Ticks::NEVER;
    // Relaxed: see `may_be_stopped`.
    shard.stops.fetch_add(1, Ordering::Relaxed);
    Some(wakeup)
}

/// Rings the alarms on `timer` that are due; gives when the next is. Leftovers before that are taken off too, so that the
/// timer does not wake for them.
pub(super) fn expire(shard: &Shard, timer: u32, now: Ticks) -> Ticks {
    let mut wakeups = Vec::new();
    loop {
        let next = expire_batch(shard, timer, now, &mut wakeups);
        wakeups.drain(..).for_each(Wakeup::go);
        if let Some(next) = next {
            return next;
        }
    }
}

/// One holding of the lock; `None` when there may be more to take off.
fn expire_batch(shard: &Shard, timer: u32, now: Ticks, wakeups: &mut Vec<Wakeup>) -> Option<Ticks> {
    let mut state = lock(&shard.state);
    let State { entries, deadlines, .. } = &mut *state;
    let Some(deadlines) = deadlines.get_mut(timer as usize) else { return Some(Ticks::NEVER) };
    for _ in 0..BATCH {
        let Some(alarm) = deadlines.first() else { return Some(Ticks::NEVER) };
        let entry = entries.get_mut(alarm.slot).filter(|entry| entry.timer == timer && alarm.is_expected_by(entry));
        if entry.is_some() && alarm.at > now {
            return Some(alarm.at);
        }
        deadlines.pop_first();
        wakeups.extend(entry.and_then(|entry| ring(shard, entry)));
    }
    None
}

/// An entry's alarm is due: its wait, its run or its grace is over.
fn ring(shard: &Shard, entry: &mut Entry) -> Option<Wakeup> {
    entry.alarm = Ticks::NEVER;
    match entry.stop.clone() {
        Some(stop) => {
            entry.grace = Grace::Over;
            Some(Wakeup::of(entry, &stop))
        }
        None if entry.waiting => mark(shard, entry, Stop::StartTimedOut),
        None => mark(shard, entry, Stop::TimedOut),
    }
}
