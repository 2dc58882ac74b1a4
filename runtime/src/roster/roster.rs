//! The roster: one entry a live task, serving listing, counting, deadlines and cancellation.
//!
//! It is a slab in shards. A call puts its entry into the calling thread's shard, and whoever needs the entry later
//! finds it by its key: the shard, the slot in it, and the task's id, so that a stale key finds nothing. A shard's lock
//! is held for a few field accesses, never over user code: what runs such when it is dropped leaves the lock before, and
//! wakers are called after it is released.

use std::panic::Location;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

use super::clock::Ticks;
use super::counters::Sums;
use super::counts::Counts;
use super::deadlines::Deadlines;
use super::drained::{Drained, Roll};
use super::entry::{Entry, Grace, Removed};
use super::ledger::Ledger;
use super::shard::{Shard, State, expect, expire, in_batches, mark};
use super::stop::Stop;
use super::task_id::TaskId;
use super::timer::Timer;
use super::verdict::Verdict;
use super::wakeup::Wakeup;
use crate::context::TaskKey;
use crate::function::Function;
use crate::outcome::{Outcome, Reason};
use crate::sync::{AtomicBool, Mutex, Ordering, lock};

/// How many of the tasks that ended with their runtimes are remembered by name.
const STOPPED: usize = 1000;

pub(crate) struct Roster {
    pub(super) shards: Box<[Shard]>,
    pub(super) max_tasks: u64,
    /// The places that no shard has yet. Locked before any shard, never under a shard's lock.
    pub(super) unused_places: Mutex<u64>,
    /// No shard has a place, and nobody has left since that was found. Written under the lock of the unused places.
    pub(super) is_full: AtomicBool,
    /// What ended with its runtime, whether or not a drain has begun: its loss is told by the next report. Locked under a
    /// shard's lock, never the other way round.
    stopped: Mutex<Roll>,
}

impl Roster {
    /// `shards` is a power of two.
    pub(crate) fn new(shards: usize, max_tasks: usize) -> Self {
        Self {
            shards: (0..shards).map(|_| Shard::default()).collect(),
            max_tasks: max_tasks as u64,
            unused_places: Mutex::new(max_tasks as u64),
            is_full: AtomicBool::new(false),
            stopped: Mutex::default(),
        }
    }

    #[inline]
    pub(super) fn shard(&self, key: TaskKey) -> &Shard {
        &self.shards[self.shard_number(key)]
    }

    #[inline]
    pub(super) fn shard_number(&self, key: TaskKey) -> usize {
        // There is a power of two of shards, so the remainder is a mask.
        #[allow(clippy::cast_possible_truncation)] // what is cut off is masked off
        (key.id.get() as usize & (self.shards.len() - 1))
    }

    /// The shard of the calling thread.
    #[inline]
    pub(super) fn home(&self) -> usize {
        thread_number() & (self.shards.len() - 1)
    }

    /// Counts a call that was rejected before it was a task, and gives it an id all the same.
    pub(crate) fn reject(
        &self,
        function: &'static Function,
        caller: &'static Location<'static>,
        reason: &Reason,
    ) -> TaskId {
        let home = self.home();
        let mut state = lock(&self.shards[home].state);
        state.counters.of(function).reject();
        if let Some(ledger) = &mut state.ledger {
            ledger.reject(function, caller, reason);
        }
        TaskId::new(state.new_id(home, self.shards.len()).get())
    }

    /// A number for what is no task, and is to be told from all of them.
    pub(crate) fn new_id(&self) -> TaskId {
        let home = self.home();
        TaskId::new(lock(&self.shards[home].state).new_id(home, self.shards.len()).get())
    }

    pub(crate) fn is_live(&self, key: TaskKey) -> bool {
        self.with(key, |_| ()).is_some()
    }

    /// Reads or edits an entry; `None` when its task has ended. `with` runs under the shard's lock.
    #[inline]
    pub(crate) fn with<R>(&self, key: TaskKey, with: impl FnOnce(&mut Entry) -> R) -> Option<R> {
        lock(&self.shard(key).state).entry(key).map(with)
    }

    /// Takes an ended task off the roster and counts its outcome. Gives what is to be dropped outside the lock; one with
    /// nothing else to give back, which `is_plain`, is let out at once where that runs no user code.
    #[inline]
    pub(crate) fn remove(
        &self,
        key: TaskKey,
        outcome: &Outcome<'_>,
        is_plain: bool,
        now: impl FnOnce() -> Instant,
    ) -> Option<Removed> {
        let shard = self.shard(key);
        let mut state = lock(&shard.state);
        let State { entries, counters, ledger, door, .. } = &mut *state;
        let mut slot = entries.occupied(key.slot)?;
        let entry = slot.record();
        if entry.id != key.id.get() {
            return None;
        }
        counters.of(entry.function).end(entry.waiting, outcome.kind());
        let mut ended_with_runtime = false;
        if let Some(stop) = &entry.stop {
            // Relaxed: the count only spares a look under the lock, which is what orders the rest.
            shard.stops.fetch_sub(1, Ordering::Relaxed);
            ended_with_runtime = matches!((stop, outcome), (Stop::RuntimeStopped, Outcome::Cancelled(_)));
        }
        if ended_with_runtime {
            lock(&self.stopped).push(Drained::of(entry, true, now()), STOPPED);
        } else if let Some(ledger) = ledger {
            ledger.end(entry, outcome, now());
        }
        if is_plain && !entry.function.is_resident() && entry.holds_no_code() {
            let waker = entry.clear_plain();
            slot.vacate();
            let asked = door.leave(&shard.left);
            drop(state);
            return Some(Removed::Left { is_last: self.answer(shard, asked), waker });
        }
        let leftovers = entry.clear();
        slot.vacate();
        Some(Removed::Held(leftovers))
    }

    /// Whether some task beside `key`'s entry, or that itself, is marked to stop.
    ///
    /// Relaxed: a stop is marked before its task is woken, and a task that was woken sees what was written before;
    /// one that was not will look under the lock when it first waits.
    #[inline]
    fn may_be_stopped(&self, key: TaskKey) -> bool {
        self.shard(key).stops.load(Ordering::Relaxed) != 0
    }

    /// Marks a task to stop, and tells and wakes it, unless it ends or stops already.
    pub(crate) fn stop(&self, key: TaskKey, stop: Stop) {
        let shard = self.shard(key);
        let mut state = lock(&shard.state);
        let wakeup = state.entry(key).and_then(|entry| mark(shard, entry, stop));
        drop(state);
        if let Some(wakeup) = wakeup {
            wakeup.go();
        }
    }

    /// The first wait of a body: from now on the roster can wake it, and it has the alarm of its bound.
    #[inline]
    pub(crate) fn park(
        &self,
        key: TaskKey,
        waker: &Waker,
        started: Instant,
        alarm: impl FnOnce(&Entry) -> Ticks,
        now: impl FnOnce() -> Ticks,
    ) -> Verdict {
        self.wait(key, now, |entry| {
            entry.waker = Some(waker.clone());
            entry.started = Some(started);
            alarm(entry)
        })
    }

    /// Whether a task of a function with a limit may start. If not it waits for its turn, at most `bound` from the call.
    ///
    /// One look under the lock: between asking for the turn and leaving the waker, the turn could come unheard.
    pub(crate) fn await_turn(&self, key: TaskKey, waker: &Waker, bound: Option<Duration>) -> Verdict {
        let mut state = lock(&self.shard(key).state);
        let Some(entry) = state.entry(key) else { return Verdict::Wait };
        if let Some(stop) = &entry.stop {
            return Verdict::Stop(stop.clone());
        }
        if !entry.waiting {
            return Verdict::Run;
        }
        if entry.waker.is_some() {
            return Verdict::Wait;
        }
        entry.waker = Some(waker.clone());
        let alarm = Ticks::of_deadline(bound.and_then(|bound| entry.called.checked_add(bound)));
        let alarm = (alarm != Ticks::NEVER).then(|| expect(entry, alarm, key.slot));
        let timer = alarm.and_then(|(timer, alarm)| state.arm(timer, alarm));
        drop(state);
        if let Some(timer) = timer {
            timer.tell();
        }
        Verdict::Wait
    }

    /// Whether a task that has not started is to stop.
    #[inline]
    pub(crate) fn stopped(&self, key: TaskKey) -> Option<Stop> {
        if !self.may_be_stopped(key) {
            return None;
        }
        self.with(key, |entry| entry.stop.clone()).flatten()
    }

    /// A later wait.
    #[inline]
    pub(crate) fn still_parked(&self, key: TaskKey, now: impl FnOnce() -> Ticks) -> Verdict {
        if !self.may_be_stopped(key) {
            return Verdict::Wait;
        }
        self.wait(key, now, |_| Ticks::NEVER)
    }

    /// Edits the entry of a task that is about to wait, sets the alarm that `edit` gives, if any, and says whether the
    /// task is to stop instead.
    #[inline]
    fn wait(&self, key: TaskKey, now: impl FnOnce() -> Ticks, edit: impl FnOnce(&mut Entry) -> Ticks) -> Verdict {
        let mut state = lock(&self.shard(key).state);
        let Some(entry) = state.entry(key) else { return Verdict::Wait };
        let mut alarm = edit(entry);
        if let Some(stop) = &entry.stop {
            match entry.grace {
                Grace::Over => return Verdict::Stop(stop.clone()),
                Grace::Running => return Verdict::Wait,
                Grace::Ahead => {
                    // It starts here and not where the stop was marked: only here the clock is the task's runtime's.
                    entry.grace = Grace::Running;
                    alarm = now().plus(entry.function.options.grace);
                }
            }
        }
        let alarm = (alarm != Ticks::NEVER).then(|| expect(entry, alarm, key.slot));
        let timer = alarm.and_then(|(timer, alarm)| state.arm(timer, alarm));
        drop(state);
        if let Some(timer) = timer {
            timer.tell();
        }
        Verdict::Wait
    }

    /// Gives a waiting task its turn; `false` when it has ended meanwhile, so that the turn is another's.
    pub(crate) fn grant(&self, key: TaskKey, now: Instant) -> bool {
        let mut state = lock(&self.shard(key).state);
        let Some(entry) = state.entry(key) else { return false };
        entry.waiting = false;
        entry.bound.begin(now);
        entry.alarm = Ticks::NEVER;
        let (function, waker) = (entry.function, entry.waker.take());
        state.counters.of(function).start();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Wakes the tasks whose alarm on `timer` is due; gives when the next one is.
    pub(crate) fn expire(&self, timer: u32, now: Ticks) -> Ticks {
        self.shards.iter().map(|shard| expire(shard, timer, now)).min().unwrap_or(Ticks::NEVER)
    }

    /// Makes room for the alarms of a runtime's timer, in the place of an ended runtime's where there is one.
    pub(crate) fn add_timer(&self, index: u32, timer: &Arc<Timer>) {
        for shard in &self.shards {
            let deadlines = Deadlines::new(Arc::clone(timer));
            let mut state = lock(&shard.state);
            match state.deadlines.get_mut(index as usize) {
                Some(place) => *place = deadlines,
                None => state.deadlines.push(deadlines),
            }
        }
    }

    /// Looks at every live entry, a batch of slots at a time, so that no lock is held long. `each` runs under the lock.
    pub(crate) fn for_each(&self, mut each: impl FnMut(&Entry)) {
        for shard in &self.shards {
            in_batches(shard, |state, slots| slots.filter_map(|slot| state.entries.get(slot)).for_each(&mut each));
        }
    }

    /// Marks every live task that `which` picks to stop, and tells and wakes it.
    pub(crate) fn stop_all(&self, stop: &Stop, which: impl Fn(&Entry) -> bool) {
        for shard in &self.shards {
            let mut wakeups = Vec::new();
            in_batches(shard, |state, slots| {
                for slot in slots {
                    let entry = state.entries.get_mut(slot).filter(|entry| which(entry));
                    wakeups.extend(entry.and_then(|entry| mark(shard, entry, stop.clone())));
                }
            });
            wakeups.into_iter().for_each(Wakeup::go);
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut sums = Sums::default();
        for shard in &self.shards {
            lock(&shard.state).counters.add_to(&mut sums);
        }
        sums.into()
    }

    /// How many live entries are marked to stop, as the shards' counts have it.
    #[cfg(all(test, detached_loom))]
    pub(crate) fn marked(&self) -> usize {
        self.shards.iter().map(|shard| shard.stops.load(Ordering::Relaxed)).sum()
    }

    /// What ended with its runtime.
    pub(crate) fn stopped_with_runtime(&self) -> Roll {
        lock(&self.stopped).clone()
    }

    pub(crate) fn add_ledgers(&self, sum: &mut Ledger) {
        for shard in &self.shards {
            if let Some(ledger) = &lock(&shard.state).ledger {
                sum.add(ledger);
            }
        }
    }
}

/// A small number for the calling thread.
#[inline]
fn thread_number() -> usize {
    use std::sync::atomic::AtomicUsize;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        // Relaxed: only the numbers' being different matters.
        static NUMBER: usize = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
    // A thread that is being torn down shares the first shard.
    NUMBER.try_with(|number| *number).unwrap_or(0)
}

#[cfg(all(test, not(detached_loom)))]
mod tests {
    use super::*;
    use crate::function::{Options, Site};
    use crate::now::now;

    static FUNCTION: Function =
        Options::DEFAULT.of(Site { name: "function", module: "tests", file: file!(), line: line!() });

    const START: Ticks = Ticks(1);

    fn roster() -> Roster {
        let roster = Roster::new(1, usize::MAX);
        roster.add_timer(0, &Timer::new());
        roster
    }

    /// A task that waits, with that deadline.
    fn parked(roster: &Roster, deadline: Ticks) -> TaskKey {
        let key = roster.enter(&FUNCTION, |_| ()).unwrap().key;
        assert!(matches!(roster.park(key, Waker::noop(), now(), |_| deadline, || START), Verdict::Wait));
        key
    }

    fn end(roster: &Roster, key: TaskKey) {
        assert!(roster.remove(key, &Outcome::Completed, true, now).is_some());
    }

    #[test]
    fn one_task_after_the_other_at_one_moment_leaves_a_few_alarms_only() {
        let roster = roster();
        let mut most = 0;
        for _ in 0..10_000 {
            let key = parked(&roster, Ticks(5));
            end(&roster, key);
            most = most.max(lock(&roster.shards[0].state).deadlines[0].len());
        }
        assert!(most < 1000, "{most} alarms, and none of them expected");
    }

    #[test]
    fn the_timer_sleeps_through_what_ended_tasks_have_left() {
        let roster = roster();
        let first: Vec<TaskKey> = (0..1000).map(|n| parked(&roster, Ticks(100 + n))).collect();
        let last = parked(&roster, Ticks(2000));
        assert_eq!(roster.expire(0, START), Ticks(100));
        for key in first {
            end(&roster, key);
        }
        assert_eq!(roster.expire(0, START), Ticks(2000));
        end(&roster, last);
        assert_eq!(roster.expire(0, START), Ticks::NEVER);
    }

    #[test]
    fn an_alarm_rings_for_its_own_task_and_not_for_the_next_in_its_slot() {
        let roster = roster();
        let first = parked(&roster, Ticks(5));
        end(&roster, first);
        let second = parked(&roster, Ticks(9));
        assert_eq!(first.slot, second.slot);
        assert_eq!(roster.expire(0, Ticks(5)), Ticks(9));
        assert!(matches!(roster.with(second, |entry| entry.stop.clone()), Some(None)));
        assert_eq!(roster.expire(0, Ticks(9)), Ticks::NEVER);
        assert!(matches!(roster.with(second, |entry| entry.stop.clone()), Some(Some(Stop::TimedOut))));
    }
}
