//! How a call is let in: the runtime and its timer, a place on the roster and at the function's limit, the span. Or why
//! it is not.

use std::future::Future;
use std::mem;
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::dispatcher;

use super::call::Call;
use super::frame::Frame;
use super::handle::Task;
use super::rare::Rare;
use super::run::Run;
use super::telling::Classify;
use super::{report, spawn};
use crate::ambient;
use crate::context::{Context, Snapshot, TaskKey};
use crate::function::Function;
use crate::outcome::{Outcome, Reason};
use crate::panics;
use crate::roster::{Bound, Entered, Refused, Removed, Stop, TaskId, TaskInfo, TaskState, time_driver};
use crate::supervisor::{Place, Supervisor, Turn};
use crate::telemetry::{Callsites, TaskTrace, Within};

/// A call that was let in, and what its task needs to begin.
pub(super) struct Admitted {
    runtime: Handle,
    key: TaskKey,
    deadline: Option<Instant>,
    rare: Option<Box<Rare>>,
}

impl Admitted {
    /// Hands the task over to tokio.
    #[inline]
    #[cfg_attr(tokio_unstable, track_caller)]
    pub(super) fn spawn<F>(
        self,
        function: &'static Function,
        supervisor: Supervisor,
        classify: Classify<F::Output>,
        body: F,
    ) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let Self { runtime, key, deadline, rare } = self;
        let frame = Frame::new(supervisor.clone(), key, function, deadline, rare);
        let handle = spawn::spawn(&runtime, function, Run::new(frame, classify, body));
        Task::spawned(function, handle, supervisor, key)
    }
}

/// Why a call gives no task.
pub(super) enum Refusal {
    /// It was not counted yet.
    Call(Reason),
    /// It was on the roster for a moment, and is counted.
    Task(TaskKey, Reason),
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Call(reason)
    }
}

impl Call {
    /// Puts the task on the roster, and finds what it needs to begin.
    pub(super) fn admit(&mut self, supervisor: &Supervisor) -> Result<Admitted, Refusal> {
        #[cfg(feature = "testing")]
        if supervisor.refuses(self.function, self.new.caller) {
            return Err(Refusal::Call(Reason::GlobalRefused));
        }
        if let Some(reason) = self.rare.as_mut().and_then(|rare| rare.refused.take()) {
            return Err(Refusal::Call(reason));
        }
        let runtime = match supervisor.runtime() {
            Some(own) => own.clone(),
            None => Handle::try_current().map_err(|_| Reason::NoRuntime)?,
        };
        let timer = self.timer(supervisor, &runtime)?;
        let called = supervisor.now();
        let bound = Bound::new(self.new.timeout, called, self.function.options.limit.is_some());
        let Entered { key, stops_at_once } = self.enter(supervisor, called, bound, timer)?;
        if stops_at_once {
            supervisor.roster().stop(key, Stop::Shutdown);
        }
        let asks = !can_be_asked(supervisor) && self.needs_timer();
        let rare = if self.is_plain() && !asks { None } else { self.prepare(supervisor, key, called, asks)? };
        if !supervisor.observers().is_empty() {
            tell_of_call(supervisor, key);
        }
        Ok(Admitted { runtime, key, deadline: bound.deadline, rare })
    }

    /// The number of the runtime's timer, for a function that needs one.
    #[inline]
    fn timer(&self, supervisor: &Supervisor, runtime: &Handle) -> Result<u32, Reason> {
        if self.new.timeout.is_some_and(|bound| bound.is_zero()) {
            return Err(Reason::ZeroTimeout);
        }
        if self.needs_timer() { supervisor.timer_of(runtime) } else { Ok(0) }
    }

    #[inline]
    fn needs_timer(&self) -> bool {
        let options = &self.function.options;
        let starts_late = || options.limit.is_some_and(|limit| limit.start_timeout.is_some());
        self.new.timeout.is_some() || !options.grace.is_zero() || options.follow_origin || starts_late()
    }

    /// Puts the task on the roster.
    #[inline]
    fn enter(&mut self, supervisor: &Supervisor, called: Instant, bound: Bound, timer: u32) -> Result<Entered, Reason> {
        let new = &mut self.new;
        let entered = match supervisor.roster().enter(self.function, |entry| new.fill(entry, called, bound, timer)) {
            // Only a closed door asks where the caller stands, so the common case pays nothing for it.
            Err(Refused::Closed) => self.enter_from(supervisor, called, bound, timer),
            entered => entered,
        };
        entered.map_err(|refused| match refused {
            Refused::Closed => Reason::Draining,
            Refused::Full => Reason::SupervisorFull,
        })
    }

    #[cold]
    fn enter_from(
        &mut self,
        supervisor: &Supervisor,
        called: Instant,
        bound: Bound,
        timer: u32,
    ) -> Result<Entered, Refused> {
        let roster = supervisor.roster();
        if ambient::is_in_closure_of(supervisor) {
            let new = &mut self.new;
            return roster.enter_from_closure(self.function, |entry| new.fill(entry, called, bound, timer));
        }
        for caller in self.callers(supervisor).into_iter().flatten() {
            let new = &mut self.new;
            match roster.enter_from(caller, self.function, |entry| new.fill(entry, called, bound, timer)) {
                Err(Refused::Closed) => {}
                entered => return entered,
            }
        }
        Err(Refused::Closed)
    }

    /// The tasks of the supervisor that the call may have come from: the one whose body runs here, whatever context it has
    /// put around the call, and the one whose context the call has, for its body may have handed that to another task.
    fn callers(&self, supervisor: &Supervisor) -> [Option<TaskKey>; 2] {
        let runs_here = ambient::inside().filter(|(owner, _)| owner.is(supervisor)).map(|(_, key)| key);
        let context = self.context.clone().or_else(ambient::current);
        [runs_here, context.and_then(|context: Context| supervisor.task_of(&context))]
    }

    /// Whether the task needs nothing that few have.
    #[inline]
    fn is_plain(&self) -> bool {
        let is_heard = dispatcher::has_been_set() || !Callsites::are_made(self.function);
        let options = &self.function.options;
        !is_heard && self.rare.is_none() && options.limit.is_none() && !options.follow_origin
    }

    /// Finds the task's place at the function's limit, and opens its span. `asks` says that its first poll is to ask for
    /// timers.
    #[inline(never)]
    fn prepare(
        &mut self,
        supervisor: &Supervisor,
        key: TaskKey,
        called: Instant,
        asks: bool,
    ) -> Result<Option<Box<Rare>>, Refusal> {
        let (function, roster) = (self.function, supervisor.roster());
        let place = self.find_place(supervisor, key, called)?;
        let origin = || roster.with(key, |entry| entry.origin.clone()).flatten();
        let follow = if function.options.follow_origin { origin() } else { None };
        let values = || roster.with(key, |entry| entry.values.clone()).unwrap_or_default();
        let trace = self.open_trace(supervisor, TaskId::of(key), values);
        let carried = self.rare.as_mut().map(|rare| mem::take(&mut rare.carried)).unwrap_or_default();
        Ok(Rare::new(trace, place, follow, asks, carried))
    }

    fn find_place(&mut self, supervisor: &Supervisor, key: TaskKey, called: Instant) -> Result<Option<Place>, Refusal> {
        let limiter = match supervisor.limiter(self.function) {
            Ok(Some(limiter)) => limiter,
            Ok(None) => return Ok(None),
            Err(reason) => return Err(self.take_back(supervisor, key, reason)),
        };
        let roster = supervisor.roster();
        let ticket = match limiter.arrive(key) {
            Turn::Now => {
                roster.grant(key, called);
                None
            }
            Turn::Later { ticket, displaced } => {
                if let Some(oldest) = displaced {
                    roster.stop(oldest, Stop::Displaced);
                }
                Some(ticket)
            }
            Turn::Never(reason) => return Err(self.take_back(supervisor, key, reason)),
        };
        Ok(Some(Place { limiter, ticket }))
    }

    /// Takes back a task that its function's limit does not let in.
    fn take_back(&mut self, supervisor: &Supervisor, key: TaskKey, reason: Reason) -> Refusal {
        let removed = supervisor.roster().remove(key, &Outcome::Rejected(&reason), false, || supervisor.now());
        if let Some(Removed::Held(leftovers)) = removed {
            self.new.values = leftovers.values;
        }
        if supervisor.roster().leave(key, self.function) {
            supervisor.tell_of_leave();
        }
        Refusal::Task(key, reason)
    }

    fn open_trace(&self, supervisor: &Supervisor, id: TaskId, values: impl FnOnce() -> Snapshot) -> Option<TaskTrace> {
        let names = self.rare.as_ref().map(|rare| &*rare.names).unwrap_or_default();
        TaskTrace::open(self.function, Callsites::of_call(self.function, names)?, supervisor.spans(), id, values)
    }

    /// Counts a call that gives no task, if that was not done yet, and reports it.
    #[cold]
    pub(super) fn refused(&mut self, supervisor: &Supervisor, refusal: Refusal) -> (TaskId, Reason) {
        let (id, reason) = match refusal {
            Refusal::Call(reason) => (supervisor.roster().reject(self.function, self.new.caller, &reason), reason),
            Refusal::Task(key, reason) => (TaskId::of(key), reason),
        };
        // A span of its own, for as long as it is told: the error is the call's, not that of the span which it was made in.
        let trace = self.open_trace(supervisor, id, || self.new.values.clone());
        let task = TaskInfo {
            id,
            function: self.function,
            caller: self.new.caller,
            state: TaskState::Waiting,
            age: Duration::ZERO,
            waited: Duration::ZERO,
            elapsed: None,
            timeout: self.new.timeout,
            deadline: None,
            remaining: None,
            values: mem::take(&mut self.new.values),
            stop: None,
            missed: self.rare.as_ref().and_then(|rare| rare.missed),
        };
        let outcome = Outcome::Rejected(&reason);
        let tell = |within| report::end(supervisor, &task, &outcome, within);
        let _ = panics::catch(|| report::call(supervisor, &task));
        let _ = match &trace {
            Some(trace) => trace.run(|| tell(trace.within())),
            None => panics::catch(|| tell(Within::Span(None))),
        };
        let _ = panics::catch(|| trace.map_or((), |trace| trace.end(|| Some(task.clone()), &outcome)));
        (id, reason)
    }
}

/// Whether a runtime can be asked here for its timers.
#[inline]
fn can_be_asked(supervisor: &Supervisor) -> bool {
    // On a thread that is being torn down no call gets here, but of a supervisor with a runtime of its own.
    !thread::panicking() && (supervisor.runtime().is_none() || time_driver::can_be_asked())
}

/// Tells the observers of the call, before anything of the task can run.
#[cold]
fn tell_of_call(supervisor: &Supervisor, key: TaskKey) {
    let now = supervisor.now();
    if let Some(task) = supervisor.roster().with(key, |entry| TaskInfo::of_entry(entry, None, now)) {
        let _ = panics::catch(|| report::call(supervisor, &task));
    }
}
