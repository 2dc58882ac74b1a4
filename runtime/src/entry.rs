//! One entry of the roster: what is known of a live task, and where it stands.

use std::panic::Location;
use std::sync::Arc;
use std::task::Waker;

use tokio::time::Instant;

use crate::cancellation::{Cause, Origin};
use crate::clock::Ticks;
use crate::context::Context;
use crate::function::Function;
use crate::task::TaskId;
use crate::value::Snapshot;

/// Where an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryKey {
    /// The task's; its remainder by the number of shards is the shard.
    pub(crate) id: u64,
    pub(crate) slot: u32,
}

impl EntryKey {
    pub(crate) fn task_id(self) -> TaskId {
        TaskId::new(self.id)
    }
}

/// What a task is doing.
///
/// ```
/// use detached::{Supervisor, TaskState};
///
/// for task in Supervisor::global().tasks() {
///     if task.state() == TaskState::Waiting {
///         println!("{task} has not started yet");
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It waits for its turn, at its function's `limit`.
    Waiting,
    /// Its body runs, or is about to.
    Running,
    /// It was told to stop, and has its `grace` to do so.
    Stopping,
}

/// Why a task is to stop.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    TimedOut,
    StartTimedOut,
    Displaced,
    Cancelled(Arc<Cause>),
}

impl Stop {
    pub(crate) fn cause(&self) -> Cause {
        match self {
            Self::TimedOut | Self::StartTimedOut => Cause::TimedOut,
            Self::Displaced => Cause::Explicit("displaced by a newer call".into()),
            Self::Cancelled(cause) => Cause::clone(cause),
        }
    }
}

/// One live task.
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) function: &'static Function,
    pub(crate) caller: &'static Location<'static>,
    pub(crate) called: Instant,
    /// Set with the first wait of the body, not before: a body that never waits needs no lock to start.
    pub(crate) started: Option<Ticks>,
    /// The body's bound as instants are compared; `Ticks::NEVER` without one.
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
