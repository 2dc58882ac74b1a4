//! One entry of the roster: what is known of a live task, and where it stands.

use std::panic::Location;
use std::task::Waker;

use tokio::time::Instant;

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
    pub(crate) called: Instant,
    /// Set with the first wait of the body, not before: a body that never waits needs no lock to start.
    pub(crate) started: Option<Ticks>,
    /// When its turn at a `limit` came; `Ticks::NEVER` before, and without a limit.
    pub(crate) turn: Ticks,
    /// When the bound is over; `Ticks::NEVER` without one, and before the turn at a `limit`.
    pub(crate) deadline: Ticks,
    /// The runtime whose timer fires `alarm`.
    pub(crate) timer: u32,
    /// When the timer wakes the task next: to stop waiting, to stop running, or at the end of its grace.
    pub(crate) alarm: Ticks,
    /// Set until a slot of the function's `limit` is granted.
    pub(crate) waiting: bool,
    pub(crate) stop: Option<Stop>,
    /// The alarm of its grace is set.
    pub(crate) in_grace: bool,
    /// The grace is over: the body is dropped at the next poll.
    pub(crate) overdue: bool,
    pub(crate) waker: Option<Waker>,
    pub(crate) values: Snapshot,
    pub(crate) origin: Option<Origin>,
    /// The task's context, once somebody asked for it.
    pub(crate) context: Option<Context>,
}

/// What a call puts on the roster.
pub(crate) struct NewEntry {
    pub(crate) function: &'static Function,
    pub(crate) caller: &'static Location<'static>,
    pub(crate) called: Instant,
    /// Of a task with a `limit` it is known with its turn.
    pub(crate) deadline: Ticks,
    pub(crate) timer: u32,
    pub(crate) values: Snapshot,
    pub(crate) origin: Option<Origin>,
}

/// A vacant entry.
impl Default for Entry {
    fn default() -> Self {
        static VACANT: Function = Function::new("", "", "", 0);
        Self {
            id: 0,
            function: &VACANT,
            caller: Location::caller(),
            // Any instant does; tokio's own clock may be gone from a thread that is being torn down.
            called: std::time::Instant::now().into(),
            started: None,
            turn: Ticks::NEVER,
            deadline: Ticks::NEVER,
            timer: 0,
            alarm: Ticks::NEVER,
            waiting: false,
            stop: None,
            in_grace: false,
            overdue: false,
            waker: None,
            values: Snapshot::new(),
            origin: None,
            context: None,
        }
    }
}

impl Entry {
    #[inline]
    pub(crate) fn fill(&mut self, id: u64, new: NewEntry) {
        self.id = id;
        self.function = new.function;
        self.caller = new.caller;
        self.called = new.called;
        self.deadline = new.deadline;
        self.timer = new.timer;
        self.waiting = new.function.options.limit.is_some();
        self.values = new.values;
        self.origin = new.origin;
    }

    /// Makes the entry vacant. What runs user code when it is dropped is handed out.
    #[inline]
    pub(crate) fn clear(&mut self) -> Removed {
        self.id = 0;
        self.started = None;
        self.turn = Ticks::NEVER;
        self.deadline = Ticks::NEVER;
        self.alarm = Ticks::NEVER;
        self.stop = None;
        self.in_grace = false;
        self.overdue = false;
        self.origin = None;
        Removed {
            was_waiting: std::mem::take(&mut self.waiting),
            values: std::mem::take(&mut self.values),
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
    pub(crate) was_waiting: bool,
    pub(crate) values: Snapshot,
    _context: Option<Context>,
    _waker: Option<Waker>,
}
