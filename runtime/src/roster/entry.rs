//! One entry of the roster: what is known of a live task, and where it stands.

use std::mem;
use std::panic::Location;
use std::task::Waker;
use std::time::Duration;

use super::bound::Bound;
use super::clock::Ticks;
use super::stop::Stop;
use super::task_id::TaskId;
use super::task_state::TaskState;
use crate::context::{Context, Origin, Snapshot};
use crate::function::Function;

/// One live task.
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) function: &'static Function,
    pub(crate) caller: &'static Location<'static>,
    pub(crate) called: Ticks,
    pub(crate) bound: Bound,
    /// Set with the first wait of the body, not before: a body that never waits needs no lock to start. `Ticks::NEVER` before.
    pub(crate) started: Ticks,
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
    pub(crate) fn fill(&mut self, entry: &mut Entry, called: Ticks, bound: Bound, timer: u32) {
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
        static VACANT: Function = Function::new("", "", "", 0);
        Self {
            id: 0,
            function: &VACANT,
            caller: Location::caller(),
            called: Ticks::NEVER,
            bound: Bound::NONE,
            started: Ticks::NEVER,
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

    /// Makes the entry vacant. What runs user code when it is dropped is handed out.
    #[inline]
    pub(crate) fn clear(&mut self, has_left: Option<bool>) -> Removed {
        self.id = 0;
        self.started = Ticks::NEVER;
        self.alarm = Ticks::NEVER;
        self.stop = None;
        self.grace = Grace::Ahead;
        self.origin = None;
        Removed {
            has_left,
            was_waiting: mem::take(&mut self.waiting),
            values: mem::take(&mut self.values),
            _context: self.context.take(),
            _waker: self.waker.take(),
        }
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

/// What is left of an entry. Its drop runs user code, if these are a value's last holders.
pub(crate) struct Removed {
    /// Whether the task was let out, and then, whether it was the last and someone waits to hear it.
    pub(crate) has_left: Option<bool>,
    pub(crate) was_waiting: bool,
    pub(crate) values: Snapshot,
    _context: Option<Context>,
    _waker: Option<Waker>,
}
