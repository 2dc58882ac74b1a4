//! One call: the snapshot is taken, the task is admitted, and its run is spawned.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use smallvec::SmallVec;
use tokio::runtime::Handle;
use tracing::dispatcher;

use crate::ambient;
use crate::callsite::Callsites;
use crate::cancellation::Cause;
use crate::context::Context;
use crate::function::Function;
use crate::inherit::{Capture, Captured, Inherit};
use crate::limiter::Turn;
use crate::outcome::{Outcome, OutcomeKind, Reason};
use crate::panics;
use crate::report;
use crate::roster::{Entry, EntryKey, Stop, TaskState};
use crate::run::{Classify, Frame, Rare, Run};
use crate::supervisor::Supervisor;
use crate::task::{Task, TaskId};
use crate::task_info::TaskInfo;
use crate::trace::TaskTrace;
use crate::value::Snapshot;

/// A body larger than this gets a heap allocation of its own, as in tokio: a large future is moved several times on
/// its way into a task, and an unoptimized build keeps every copy on the caller's stack.
const LARGE: usize = if cfg!(debug_assertions) { 2048 } else { 16384 };

/// One call of a background function, from the snapshot to the spawned task.
///
/// It never panics and never blocks. What stands against the call is remembered, and [`spawn`](Self::spawn) rejects it.
pub struct Call {
    function: &'static Function,
    caller: &'static Location<'static>,
    supervisor: Supervisor,
    origin: Option<Context>,
    values: Snapshot,
    /// The names the carriers go by; gathered only until the function has its callsites.
    names: SmallVec<[&'static str; 4]>,
    timeout: Option<Duration>,
    refused: Option<Reason>,
}

impl Call {
    /// A call in the current context, of the current supervisor.
    #[must_use]
    #[track_caller]
    pub fn new(function: &'static Function) -> Self {
        Self::at(function, Location::caller(), None, None)
    }

    /// A call in the context given.
    #[must_use]
    #[track_caller]
    pub fn with_context(function: &'static Function, origin: &Context) -> Self {
        Self::at(function, Location::caller(), Some(origin.clone()), None)
    }

    /// A call of the supervisor given.
    #[must_use]
    #[track_caller]
    pub fn with_supervisor(function: &'static Function, supervisor: &Supervisor) -> Self {
        Self::at(function, Location::caller(), None, Some(supervisor.clone()))
    }

    /// A call in the context and of the supervisor given.
    #[must_use]
    #[track_caller]
    pub fn with_both(function: &'static Function, origin: &Context, supervisor: &Supervisor) -> Self {
        Self::at(function, Location::caller(), Some(origin.clone()), Some(supervisor.clone()))
    }

    /// A call made at `caller`; in the current context and of the current supervisor, unless others are given.
    pub(crate) fn at(
        function: &'static Function,
        caller: &'static Location<'static>,
        origin: Option<Context>,
        supervisor: Option<Supervisor>,
    ) -> Self {
        let origin = origin.or_else(ambient::current);
        Self::begin(function, caller, origin, supervisor.unwrap_or_else(ambient::supervisor))
    }

    fn begin(
        function: &'static Function,
        caller: &'static Location<'static>,
        origin: Option<Context>,
        supervisor: Supervisor,
    ) -> Self {
        let mut call = Self {
            function,
            caller,
            supervisor,
            origin,
            values: Snapshot::new(),
            names: SmallVec::new(),
            timeout: function.options.timeout,
            refused: None,
        };
        for name in function.options.inherit {
            call.note_name(Some(name.text));
            if !call.capturing().carry(name.text) && name.required {
                call.refuse(Reason::MissingValue { name: name.text });
            }
        }
        call
    }

    /// The bound that a `timeout = expression` gives.
    #[must_use]
    pub fn timeout(mut self, bound: Duration) -> Self {
        self.timeout = Some(bound);
        self
    }

    /// `inherit = [KEY]`; `label` names the carrier if it has no name of its own.
    pub fn capture<K: Inherit>(&mut self, label: &'static str, carrier: &'static K) -> Captured<K> {
        self.capture_by(carrier, Some(label))
    }

    /// `inherit = [KEY?]`.
    pub fn capture_if_any<K: Inherit>(&mut self, carrier: &'static K) -> Captured<K> {
        self.capture_by(carrier, None)
    }

    fn capture_by<K: Inherit>(&mut self, carrier: &'static K, required_as: Option<&'static str>) -> Captured<K> {
        let caught = panics::catch(|| {
            let name = carrier.name();
            self.note_name(name);
            carrier.capture(&mut self.capturing()).map(|captured| (name, captured))
        });
        let (name, captured) = match caught {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                self.refuse(Reason::WrongType(error));
                (None, None)
            }
            Err(_) => {
                self.refuse(Reason::CarrierPanicked);
                (None, None)
            }
        };
        if let (None, Some(label)) = (&captured, required_as) {
            self.refuse(Reason::MissingValue { name: name.unwrap_or(label) });
        }
        Captured::new(carrier, captured)
    }

    /// `#[inherit] name: T`: the value that was captured under the name. Without one the call is to be rejected.
    pub fn value<T: Clone + 'static>(&mut self, name: &'static str) -> Option<T> {
        let value = self.optional_value(name)?;
        if value.is_none() {
            self.refuse(Reason::MissingValue { name });
        }
        value
    }

    /// `#[inherit] name: Option<T>`: the value that was captured under the name, if any. `None` when it is of another
    /// type: the call is to be rejected.
    #[allow(clippy::option_option)] // The outer one says whether to go on, the inner one is the parameter.
    pub fn optional_value<T: Clone + 'static>(&mut self, name: &'static str) -> Option<Option<T>> {
        let Some(held) = self.values.iter().find(|held| held.name() == name).cloned() else { return Some(None) };
        match panics::catch(|| held.get::<T>()) {
            Ok(Ok(value)) => return Some(Some(value)),
            Ok(Err(error)) => self.refuse(Reason::WrongType(error)),
            Err(_) => self.refuse(Reason::CarrierPanicked),
        }
        None
    }

    /// Ends the call without a task, for what was refused so far.
    #[must_use]
    pub fn reject<T>(mut self) -> Task<T> {
        // Only what was refused leads here; a reason is there.
        let reason = self.refused.take().unwrap_or(Reason::CarrierPanicked);
        self.rejected(reason)
    }

    /// Spawns the task, or rejects the call. `classify` tells how the error in a returned value is shown.
    #[must_use]
    pub fn spawn<F>(self, classify: Classify<F::Output>, body: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        if size_of::<F>() > LARGE {
            self.spawn_sized(classify, Box::pin(body))
        } else {
            self.spawn_sized(classify, body)
        }
    }

    fn spawn_sized<F>(mut self, classify: Classify<F::Output>, body: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match self.admit() {
            Ok((runtime, key, frame)) => {
                let handle = runtime.spawn(Run::new(frame, classify, body));
                Task::spawned(self.function.name, handle, self.supervisor, key)
            }
            Err(refusal) => {
                // The parameters go with the body, and their drops are user code.
                let _ = panics::catch(|| drop(body));
                match refusal {
                    Refusal::Call(reason) => self.rejected(reason),
                    Refusal::Task(key, reason) => self.reported(key.task_id(), reason),
                }
            }
        }
    }

    /// Puts the task on the roster, and makes the frame it runs in.
    fn admit(&mut self) -> Result<(Handle, EntryKey, Frame), Refusal> {
        if let Some(reason) = self.refused.take() {
            return Err(Refusal::Call(reason));
        }
        let runtime = self.runtime()?;
        let timer = self.timer(&runtime)?;
        self.supervisor.enter(self.origin.as_ref())?;

        let (function, supervisor) = (self.function, &self.supervisor);
        let called = supervisor.epoch().ticks();
        let origin = self.origin.as_ref().map(Context::as_origin);
        let follow = origin.clone().filter(|_| function.options.follow_origin);
        let values = std::mem::take(&mut self.values);
        let entry = Entry::new(function, self.caller, called, timer, values, origin);
        let key = supervisor.roster().insert(entry);

        let limiter = supervisor.limiter(function);
        if let Some(limiter) = &limiter {
            match limiter.arrive(key) {
                Turn::Now => drop(supervisor.roster().grant(key)),
                Turn::Later { displaced: None } => {}
                Turn::Later { displaced: Some(oldest) } => supervisor.roster().stop(oldest, Stop::Displaced),
                Turn::Never(reason) => return Err(self.refuse_task(key, reason)),
            }
        }
        if supervisor.stops_at_once(function) {
            supervisor.cancel_task(key, Cause::Shutdown);
        }
        let trace = self.trace(key);
        let rare = Rare::new(limiter, follow);
        Ok((runtime, key, Frame::new(supervisor.clone(), key, function, self.timeout, trace, rare)))
    }

    fn runtime(&self) -> Result<Handle, Refusal> {
        Handle::try_current().ok().or_else(|| self.supervisor.handle().cloned()).ok_or(Refusal::Call(Reason::NoRuntime))
    }

    /// The number of the runtime's timer, for a function that needs one.
    fn timer(&self, runtime: &Handle) -> Result<u32, Refusal> {
        if self.timeout.is_some_and(|bound| bound.is_zero()) {
            return Err(Refusal::Call(Reason::ZeroTimeout));
        }
        let options = &self.function.options;
        let starts_late = options.limit.is_some_and(|limit| limit.start_timeout.is_some());
        let needs_timer = self.timeout.is_some() || !options.grace.is_zero() || starts_late || options.follow_origin;
        if needs_timer { Ok(self.supervisor.timers().of(runtime, &self.supervisor)?) } else { Ok(0) }
    }

    /// Takes back a task that its function's limit does not let in.
    fn refuse_task(&mut self, key: EntryKey, reason: Reason) -> Refusal {
        let supervisor = &self.supervisor;
        let entry = supervisor.roster().remove(key, OutcomeKind::Rejected, || supervisor.epoch().ticks());
        if let Some(entry) = entry {
            self.values = entry.values;
        }
        supervisor.leave();
        Refusal::Task(key, reason)
    }

    fn trace(&self, key: EntryKey) -> Option<Box<TaskTrace>> {
        let callsites = self.callsites();
        if !dispatcher::has_been_set() {
            return None;
        }
        let values = || self.supervisor.roster().with(key, |entry| entry.values.clone()).unwrap_or_default();
        // A panic in here is the subscriber's own; the task goes without a span then.
        panics::catch(|| TaskTrace::open(self.function, callsites, key.task_id(), values)).ok().flatten()
    }

    fn callsites(&self) -> &'static Callsites {
        self.function.callsites.get_or_init(|| Callsites::new(self.function, &self.names))
    }

    /// Counts and reports a call that never was a task.
    fn rejected<T>(self, reason: Reason) -> Task<T> {
        let id = self.supervisor.roster().reject(self.function, self.caller);
        self.reported(id, reason)
    }

    fn reported<T>(self, id: TaskId, reason: Reason) -> Task<T> {
        self.callsites();
        let task = TaskInfo {
            id,
            function: self.function,
            caller: self.caller,
            state: TaskState::Waiting,
            age: Duration::ZERO,
            waited: Duration::ZERO,
            elapsed: None,
            timeout: self.timeout,
            deadline: None,
            values: self.values,
        };
        report::end(&self.supervisor, &task, &Outcome::Rejected(&reason));
        // The last holder of a value runs its drop, which is user code.
        let _ = panics::catch(|| drop((task, self.origin)));
        Task::rejected(self.function.name, id, reason)
    }

    fn capturing(&mut self) -> Capture<'_> {
        Capture { origin: self.origin.as_ref(), snapshot: &mut self.values }
    }

    fn note_name(&mut self, name: Option<&'static str>) {
        if self.function.callsites.get().is_none() {
            self.names.extend(name.filter(|name| !self.names.contains(name)));
        }
    }

    /// The first reason stays.
    fn refuse(&mut self, reason: Reason) {
        self.refused.get_or_insert(reason);
    }
}

/// Why a call gives no task.
enum Refusal {
    /// It was not counted yet.
    Call(Reason),
    /// It was on the roster for a moment, and is counted.
    Task(EntryKey, Reason),
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Call(reason)
    }
}
