//! One entry of the roster: what is known of a live task, and where it stands.

use std::mem;
use std::panic::Location;
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

use super::bound::Bound;
use super::clock::{Ticks, epoch};
use super::stop::Stop;
use super::task_id::TaskId;
use super::task_state::TaskState;
use crate::context::{Context, Origin, Snapshot};
use crate::function::{Function, Options, Site};

/// One live task.
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) function: &'static Function,
    pub(crate) caller: &'static Location<'static>,
    pub(crate) called: Instant,
    pub(crate) bound: Bound,
    /// Set with the first wait of the body, not before: a body that never waits needs no lock to start.
    pub(crate) started: Option<Instant>,
    /// The runtime whose timer fires `alarm`.
    pub(crate) timer: u32,
    /// When the timer wakes the task next: to stop waiting, to stop running, or at the end of its grace.
    pub(crate) alarm: Ticks,
    /// Set until a slot of the function's `limit` is granted.
    pub(crate) waiting: bool,
    pub(crate) stop: Option<Stop>,
    /// Of one that is to stop.
    pub(crate) grace: Grace,
    pub(crate) waker: Option<Waker>,
    pub(crate) values: Snapshot,
    pub(crate) origin: Option<Origin>,
    /// The task's context, once somebody asked for it.
    pub(crate) context: Option<Context>,
}

/// How far a task that is to stop is with its grace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grace {
    Ahead,
    /// Its alarm is set.
    Running,
    /// The body is dropped at the next poll.
    Over,
}

/// What a call brings along for its entry.
pub(crate) struct NewEntry {
    pub(crate) caller: &'static Location<'static>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) values: Snapshot,
    pub(crate) origin: Option<Origin>,
}

impl NewEntry {
    /// Goes over into `entry`, which is vacant.
    #[inline]
    pub(crate) fn fill(&mut self, entry: &mut Entry, called: Instant, bound: Bound, timer: u32) {
        entry.caller = self.caller;
        entry.called = called;
        entry.bound = bound;
        entry.timer = timer;
        // What stands there is empty, and needs no drop.
        mem::forget(mem::replace(&mut entry.values, mem::take(&mut self.values)));
        mem::forget(mem::replace(&mut entry.origin, self.origin.take()));
    }
}

/// A vacant entry.
impl Default for Entry {
    fn default() -> Self {
        static VACANT: Function = Options::DEFAULT.of(Site { name: "", module: "", file: "", line: 0 });
        Self {
            id: 0,
            function: &VACANT,
            caller: Location::caller(),
            called: epoch(),
            bound: Bound::NONE,
            started: None,
            timer: 0,
            alarm: Ticks::NEVER,
            waiting: false,
            stop: None,
            grace: Grace::Ahead,
            waker: None,
            values: Snapshot::new(),
            origin: None,
            context: None,
        }
    }
}

impl Entry {
    /// Whether no code of the user's runs when what the entry holds is dropped.
    #[inline]
    pub(crate) fn holds_no_code(&self) -> bool {
        self.context.is_none() && !self.values.iter().any(|value| value.has_drop())
    }

    /// Makes the entry vacant, and hands out what runs user code when it is dropped.
    pub(crate) fn clear(&mut self) -> Leftovers {
        let (was_waiting, context) = (mem::take(&mut self.waiting), self.context.take());
        let values = mem::take(&mut self.values);
        Leftovers { was_waiting, values, _context: context, _waker: self.clear_plain() }
    }

    /// As [`clear`](Self::clear), of one that [`holds_no_code`](Self::holds_no_code).
    #[inline]
    pub(crate) fn clear_plain(&mut self) -> Option<Waker> {
        self.id = 0;
        self.started = None;
        self.alarm = Ticks::NEVER;
        self.stop = None;
        self.grace = Grace::Ahead;
        while self.values.pop().is_some() {}
        if self.values.spilled() {
            // Whoever fills the entry next takes it for one that owns nothing.
            self.values = Snapshot::new();
        }
        self.origin = None;
        self.waker.take()
    }

    pub(crate) fn task_id(&self) -> TaskId {
        TaskId::new(self.id)
    }

    pub(crate) fn state(&self) -> TaskState {
        if self.waiting {
            TaskState::Waiting
        } else if self.stop.is_some() {
            TaskState::Stopping
        } else {
            TaskState::Running
        }
    }
}

/// What has become of an entry that was taken off.
pub(crate) enum Removed {
    /// Its task was let out at once.
    Left {
        /// Whether it was the last, and someone waits to hear it.
        is_last: bool,
        waker: Option<Waker>,
    },
    /// Its task is yet to be let out.
    Held(Leftovers),
}

/// What is left of an entry. Its drop runs user code, if these are a value's last holders.
pub(crate) struct Leftovers {
    pub(crate) was_waiting: bool,
    pub(crate) values: Snapshot,
    _context: Option<Context>,
    _waker: Option<Waker>,
}

#[cfg(all(test, not(detached_loom)))]
mod tests {
    use super::*;
    use crate::context::Named;

    #[test]
    fn a_vacant_entry_owns_nothing_whatever_it_held() {
        let mut entry = Entry::default();
        for count in [1, 5, 9] {
            entry.values = (0..count).map(|number: u64| Named::shown("number", number)).collect();
            assert!(entry.holds_no_code());
            entry.clear_plain();
            assert!(entry.values.is_empty() && !entry.values.spilled(), "{count}");
        }
    }
}
