//! Deadlines without a timer a task: each tokio runtime has one timer task a supervisor, and each shard of the roster
//! keeps the alarms for it.
//!
//! Bounds of one length come in the order in which they end, so they stand in a queue and nothing is sorted. An alarm
//! joins the first queue that it is in order for, which gives each of a few lengths its own; what none of them takes is
//! sorted in a heap.
//!
//! An alarm is never searched for: a task that ends leaves its alarm behind, and the alarm counts only while the entry in
//! its slot is that very task's and still expects that very instant. Leftovers go when they are the first, and are swept
//! when they outnumber the live tasks.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use super::clock::Ticks;
use super::entry::Entry;
use super::timer::Timer;

/// So many lengths of bound are common in one shard; each costs a comparison.
const QUEUES: usize = 4;

/// When an entry is to be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Alarm {
    pub(super) at: Ticks,
    pub(super) slot: u32,
    /// Tells the slot's tasks apart: on a paused clock one after the other expects the same instant.
    task: u32,
}

impl Alarm {
    #[inline]
    pub(super) fn of(entry: &Entry, at: Ticks, slot: u32) -> Self {
        Self { at, slot, task: number(entry) }
    }

    /// Whether `entry`, in the alarm's slot, still expects it.
    #[inline]
    pub(super) fn is_expected_by(self, entry: &Entry) -> bool {
        entry.alarm == self.at && number(entry) == self.task
    }
}

/// What is cut off tells only tasks apart that thousand millions lie between.
#[allow(clippy::cast_possible_truncation)]
#[inline]
fn number(entry: &Entry) -> u32 {
    entry.id as u32
}

/// The alarms of one runtime in one shard.
pub(super) struct Deadlines {
    timer: Arc<Timer>,
    queues: [Queue; QUEUES],
    strays: BinaryHeap<Reverse<Alarm>>,
    len: usize,
}

/// Alarms in order.
#[derive(Default)]
struct Queue {
    alarms: VecDeque<Alarm>,
    /// The last alarm's; zero, after which anything is in order, when there is none.
    last: u64,
}

impl Queue {
    #[inline]
    fn push(&mut self, alarm: Alarm) {
        self.last = alarm.at.0;
        self.alarms.push_back(alarm);
    }

    fn pop(&mut self) {
        self.alarms.pop_front();
        self.note_last();
    }

    fn note_last(&mut self) {
        self.last = self.alarms.back().map_or(0, |alarm| alarm.at.0);
    }
}

impl Deadlines {
    pub(super) fn new(timer: Arc<Timer>) -> Self {
        Self { timer, queues: Default::default(), strays: BinaryHeap::new(), len: 0 }
    }

    /// Adds an alarm; gives the timer if it is to be told, once the shard's lock is released.
    #[inline]
    pub(super) fn push(&mut self, alarm: Alarm) -> Option<Arc<Timer>> {
        self.len += 1;
        match self.queues.iter_mut().find(|queue| queue.last <= alarm.at.0) {
            Some(queue) => queue.push(alarm),
            None => self.strays.push(Reverse(alarm)),
        }
        self.timer.sleeps_past(alarm.at).then(|| Arc::clone(&self.timer))
    }

    /// The first alarm.
    pub(super) fn first(&self) -> Option<Alarm> {
        self.find_first().map(|(alarm, _)| alarm)
    }

    /// Takes the first alarm off.
    pub(super) fn pop_first(&mut self) {
        let Some((_, queue)) = self.find_first() else { return };
        self.len -= 1;
        match self.queues.get_mut(queue) {
            Some(queue) => queue.pop(),
            None => drop(self.strays.pop()),
        }
    }

    /// The first alarm and the queue it is in; beyond them stands for the strays.
    fn find_first(&self) -> Option<(Alarm, usize)> {
        let queues = self.queues.iter().map(|queue| queue.alarms.front().copied());
        let strays = self.strays.peek().map(|Reverse(alarm)| *alarm);
        let fronts = queues.chain([strays]).enumerate();
        fronts.filter_map(|(queue, front)| Some((front?, queue))).min()
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Drops the alarms that nobody expects any more.
    #[cold]
    pub(super) fn sweep(&mut self, is_expected: impl Fn(Alarm) -> bool) {
        for queue in &mut self.queues {
            queue.alarms.retain(|alarm| is_expected(*alarm));
            queue.note_last();
        }
        self.strays.retain(|Reverse(alarm)| is_expected(*alarm));
        self.len = self.queues.iter().map(|queue| queue.alarms.len()).sum::<usize>() + self.strays.len();
    }
}

#[cfg(all(test, not(detached_loom)))]
mod tests {
    use super::*;

    fn alarm(at: u64) -> Alarm {
        Alarm { at: Ticks(at), slot: 0, task: 0 }
    }

    fn deadlines(times: impl IntoIterator<Item = u64>) -> Deadlines {
        let mut deadlines = Deadlines::new(Timer::new());
        for at in times {
            deadlines.push(alarm(at));
        }
        deadlines
    }

    fn taken(mut deadlines: Deadlines) -> Vec<u64> {
        let mut taken = Vec::new();
        while let Some(first) = deadlines.first() {
            taken.push(first.at.0);
            deadlines.pop_first();
        }
        assert_eq!(deadlines.len(), 0);
        taken
    }

    #[test]
    fn a_few_lengths_of_bound_have_a_queue_each_and_are_not_sorted() {
        let lengths = [5, 3600, 30, 600];
        let deadlines = deadlines((0..100).flat_map(|called| lengths.map(|length| called + length)));
        assert_eq!(deadlines.strays.len(), 0);
        assert!(taken(deadlines).is_sorted());
    }

    #[test]
    fn what_no_queue_takes_rings_in_order_all_the_same() {
        let deadlines = deadlines((0..100).rev().chain([1000, 7, 50]));
        assert!(deadlines.strays.len() > 90);
        let taken = taken(deadlines);
        assert!(taken.is_sorted());
        assert_eq!(taken.len(), 103);
    }

    #[test]
    fn a_queue_that_has_run_empty_takes_any_alarm() {
        let mut deadlines = deadlines([9, 8, 7, 6]);
        while deadlines.first().is_some() {
            deadlines.pop_first();
        }
        deadlines.push(alarm(1));
        deadlines.push(alarm(9));
        deadlines.sweep(|alarm| alarm.at.0 == 1);
        deadlines.push(alarm(2));
        assert_eq!((deadlines.strays.len(), taken(deadlines)), (0, vec![1, 2]));
    }
}
