//! One call: the snapshot is taken, the task is admitted, and its run is spawned.

use std::future::Future;
use std::panic::Location;
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tracing::dispatcher;

use super::bound::Bound;
use super::frame::{Classify, Frame, Rare};
use super::handle::Task;
use super::run::Run;
use super::{report, spawn};
use crate::ambient;
use crate::context::{Capture, Carried, Context, Inherit, Missed, Origin, Snapshot, TaskKey, ValueError, ValueName};
use crate::function::{Function, Name};
use crate::outcome::{Outcome, Reason};
use crate::panics;
use crate::roster::{NewEntry, Stop, TaskId, TaskInfo, TaskState, time_driver};
use crate::supervisor::{Callers, Place, Supervisor, Turn};
use crate::telemetry::{Callsites, TaskTrace, Within};

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
    /// The context the call was told to be made in; else it is made in the current one.
    context: Option<Context>,
    origin: Option<Origin>,
    values: Snapshot,
    carried: Carried,
    /// The names the carriers go by; gathered only until the function has its callsites.
    names: Vec<&'static str>,
    timeout: Option<Duration>,
    /// In a box: it is rare, and the call is moved about.
    refused: Option<Box<Reason>>,
    /// Where the value that it was refused for was looked for.
    missed: Option<Missed>,
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
        context: Option<Context>,
        supervisor: Option<Supervisor>,
    ) -> Self {
        let mut call = Self {
            function,
            caller,
            supervisor: supervisor.unwrap_or_else(ambient::supervisor),
            context,
            origin: None,
            values: Snapshot::new(),
            carried: Carried::default(),
            names: Vec::new(),
            timeout: function.options.timeout,
            refused: None,
            missed: None,
        };
        #[cfg(feature = "testing")]
        if call.supervisor.refuses(function, caller) {
            call.refuse(Reason::GlobalRefused);
        }
        call.look_at_origin(Self::take_snapshot);
        call
    }

    #[inline]
    fn take_snapshot(&mut self, context: Option<&Context>) {
        self.origin = context.map(Context::as_origin);
        self.take_values(context, self.function.options.inherit);
    }

    fn take_values(&mut self, context: Option<&Context>, names: &[Name]) {
        for name in names {
            self.note_name(name.text);
            let found = Capture::new(context, &mut self.values, !name.required).carry(name.text);
            if !found && name.required {
                self.miss(name.text, Some(Missed::of(context)));
            }
        }
    }

    /// Takes over a value of the context, if it is there.
    #[cfg(feature = "durable")]
    pub(crate) fn carry(&mut self, name: &'static str) {
        self.take_named(Name::optional(name));
    }

    /// The bound that a `timeout = expression` gives.
    #[must_use]
    pub fn timeout(mut self, bound: Duration) -> Self {
        self.timeout = Some(bound);
        self
    }

    /// `inherit = [KEY]`; `label` names the carrier if it has no name of its own.
    pub fn capture<K: Inherit>(&mut self, label: &'static str, carrier: &'static K) {
        self.capture_by(carrier, label, false);
    }

    /// `inherit = [KEY?]`.
    pub fn capture_optional<K: Inherit>(&mut self, carrier: &'static K) {
        self.capture_by(carrier, "", true);
    }

    fn capture_by<K: Inherit>(&mut self, carrier: &'static K, label: &'static str, is_optional: bool) {
        let capture = |call: &mut Self, context: Option<&Context>| {
            panics::catch(|| {
                if !Callsites::are_made(call.function) {
                    carrier.names(&mut |name| call.note_name(name));
                }
                let mut capture = Capture::new(context, &mut call.values, is_optional);
                (capture.take(carrier, label), capture.missed())
            })
        };
        let caught = if K::HAS_PLACE {
            // It may be the user's code.
            let context = self.context.clone().or_else(ambient::current);
            capture(self, context.as_ref())
        } else {
            self.look_at_origin(capture)
        };
        match caught {
            Ok((Ok(Some(captured)), _)) => self.carried.add(carrier, captured),
            Ok((Ok(None), _)) => {}
            Ok((Err(ValueError::Absent { name }), missed)) => self.miss(name, missed),
            Ok((Err(error @ ValueError::WrongType { .. }), _)) => self.refuse(Reason::WrongType(error)),
            Err(_) => self.refuse(Reason::CarrierPanicked),
        }
    }

    /// Looks at the context that the call is made in. `look` must run no user code.
    #[inline]
    fn look_at_origin<R>(&mut self, look: impl FnOnce(&mut Self, Option<&Context>) -> R) -> R {
        match self.context.take() {
            None => ambient::look_at_current(|context| look(self, context)),
            given => {
                let looked = look(self, given.as_ref());
                self.context = given;
                looked
            }
        }
    }

    /// `#[inherit(KEY)] name: T`: captures the value, and gives the name that it was captured under.
    pub fn named<T>(&mut self, key: impl ValueName<T>) -> &'static str {
        self.take_named(Name::required(key.text()))
    }

    /// `#[inherit(KEY)] name: Option<T>`.
    pub fn optional_named<T>(&mut self, key: impl ValueName<T>) -> &'static str {
        self.take_named(Name::optional(key.text()))
    }

    fn take_named(&mut self, name: Name) -> &'static str {
        self.look_at_origin(|call, context| call.take_values(context, &[name]));
        name.text
    }

    /// `#[inherit] name: T`: the value that was captured under the name. Without one the call is to be rejected.
    pub fn value<T: Clone + 'static>(&mut self, name: &'static str) -> Option<T> {
        let value = self.optional_value(name)?;
        if value.is_none() {
            self.miss(name, Some(Missed::of(self.origin.as_ref())));
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

    /// Spawns the task, or rejects the call. `classify` tells how the error in a returned value is shown.
    ///
    /// Each bound is of one argument's type, so that who breaks it is told at that argument, which generated code shows at the
    /// return type and at the name of the function; and is shown the bound's line.
    #[must_use]
    #[cfg_attr(tokio_unstable, track_caller)] // `tokio-console` shows the place.
    pub fn spawn<T, F>(self, classify: Classify<T>, body: F) -> Task<T>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static, // it goes to who awaits the task: write `Box<dyn Error + Send + Sync>`, or `Arc` for `Rc`
    {
        // `const`, so that only the half that is needed is compiled.
        if const { size_of::<F>() > LARGE } {
            self.spawn_sized(classify, Box::pin(body))
        } else {
            self.spawn_sized(classify, body)
        }
    }

    #[cfg_attr(tokio_unstable, track_caller)]
    fn spawn_sized<F>(mut self, classify: Classify<F::Output>, body: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match self.admit() {
            Ok((runtime, key, frame)) => {
                let handle = spawn::spawn(&runtime, self.function, Run::new(frame, classify, body));
                Task::spawned(self.function, handle, self.supervisor, key)
            }
            Err(refusal) => {
                // The parameters go with it.
                panics::drop_contained(body);
                self.refused(refusal)
            }
        }
    }

    /// Puts the task on the roster, and makes the frame it runs in.
    fn admit(&mut self) -> Result<(Handle, TaskKey, Frame), Refusal> {
        if let Some(reason) = self.refused.take() {
            return Err(Refusal::Call(*reason));
        }
        let runtime = self.runtime()?;
        let timer = self.timer(&runtime)?;
        self.supervisor.enter(self.function, || self.callers())?;

        let (function, supervisor) = (self.function, &self.supervisor);
        let called = supervisor.now();
        let follow = if function.options.follow_origin { self.origin.clone() } else { None };
        let values = std::mem::take(&mut self.values);
        let counted_from = supervisor.epoch().at(called);
        let bound = Bound::new(self.timeout, counted_from, function);
        let (deadline, origin) = (bound.deadline(), self.origin.take());
        let entry = NewEntry { function, caller: self.caller, called, deadline, timer, values, origin };
        let key = supervisor.roster().insert(entry);

        let mut place = None;
        let limiter = match supervisor.limiter(function) {
            Ok(limiter) => limiter,
            Err(reason) => return Err(self.refuse_task(key, reason)),
        };
        if let Some(limiter) = limiter {
            let ticket = match limiter.arrive(key) {
                Turn::Now => {
                    supervisor.roster().grant(key, counted_from);
                    None
                }
                Turn::Later { ticket, displaced } => {
                    if let Some(oldest) = displaced {
                        supervisor.roster().stop(oldest, Stop::Displaced);
                    }
                    Some(ticket)
                }
                Turn::Never(reason) => return Err(self.refuse_task(key, reason)),
            };
            place = Some(Place { limiter, ticket });
        }
        if supervisor.stops_at_once(function) {
            supervisor.roster().stop(key, Stop::Shutdown);
        }
        let trace = self.trace(key);
        let asks = self.needs_timer() && !can_be_asked(supervisor);
        let rare = Rare::new(place, follow, asks, std::mem::take(&mut self.carried));
        let frame = Frame::new(supervisor.clone(), key, function, bound, trace, rare);
        frame.report_call();
        Ok((runtime, key, frame))
    }

    /// Who of the supervisor's the call may have come from. The tasks: the one whose body runs here, whatever context it has
    /// put around the call, and the one whose context the call has, for its body may have handed that to another task.
    fn callers(&self) -> Callers {
        let runs_here = ambient::inside().filter(|(supervisor, _)| supervisor.is(&self.supervisor)).map(|(_, key)| key);
        let context = self.context.clone().or_else(ambient::current);
        let tasks = [runs_here, context.and_then(|context| self.supervisor.task_of(&context))];
        Callers { is_closure: ambient::is_in_closure_of(&self.supervisor), tasks }
    }

    #[inline]
    fn runtime(&self) -> Result<Handle, Refusal> {
        match self.supervisor.runtime() {
            Some(own) => Ok(own.clone()),
            None => Handle::try_current().map_err(|_| Refusal::Call(Reason::NoRuntime)),
        }
    }

    /// The number of the runtime's timer, for a function that needs one.
    #[inline]
    fn timer(&self, runtime: &Handle) -> Result<u32, Refusal> {
        if self.timeout.is_some_and(|bound| bound.is_zero()) {
            return Err(Refusal::Call(Reason::ZeroTimeout));
        }
        if self.needs_timer() { Ok(self.supervisor.timer_of(runtime)?) } else { Ok(0) }
    }

    #[inline]
    fn needs_timer(&self) -> bool {
        let options = &self.function.options;
        let starts_late = options.limit.is_some_and(|limit| limit.start_timeout.is_some());
        self.timeout.is_some() || !options.grace.is_zero() || starts_late || options.follow_origin
    }

    /// Takes back a task that its function's limit does not let in.
    fn refuse_task(&mut self, key: TaskKey, reason: Reason) -> Refusal {
        let supervisor = &self.supervisor;
        let entry = supervisor.roster().remove(key, &Outcome::Rejected(&reason), || supervisor.now());
        if let Some(entry) = entry {
            self.values = entry.values;
        }
        supervisor.leave(self.function);
        Refusal::Task(key, reason)
    }

    #[inline]
    fn trace(&self, key: TaskKey) -> Option<Box<TaskTrace>> {
        if !dispatcher::has_been_set() && Callsites::are_made(self.function) {
            return None;
        }
        let values = || self.supervisor.roster().with(key, |entry| entry.values.clone()).unwrap_or_default();
        self.open_trace(TaskId::of(key), values)
    }

    fn open_trace(&self, id: TaskId, values: impl FnOnce() -> Snapshot) -> Option<Box<TaskTrace>> {
        TaskTrace::open(self.function, self.callsites()?, self.supervisor.spans(), id, values)
    }

    fn callsites(&self) -> Option<&'static Callsites> {
        Callsites::of_call(self.function, &self.names)
    }

    #[cold]
    fn refused<T>(self, refusal: Refusal) -> Task<T> {
        match refusal {
            Refusal::Call(reason) => self.rejected(reason),
            Refusal::Task(key, reason) => self.reported(TaskId::of(key), reason),
        }
    }

    /// Counts and reports a call that never was a task.
    #[cold]
    fn rejected<T>(self, reason: Reason) -> Task<T> {
        let id = self.supervisor.roster().reject(self.function, self.caller, &reason);
        self.reported(id, reason)
    }

    #[cold]
    fn reported<T>(self, id: TaskId, reason: Reason) -> Task<T> {
        // A span of its own, for as long as it is told: the error is the call's, not that of the span which it was made in.
        let trace = self.open_trace(id, || self.values.clone());
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
            stop: None,
            missed: self.missed,
        };
        let outcome = Outcome::Rejected(&reason);
        let tell = |within| report::end(&self.supervisor, &task, &outcome, within);
        let _ = panics::catch(|| report::call(&self.supervisor, &task));
        let _ = match &trace {
            Some(trace) => trace.run(|| tell(trace.within())),
            None => panics::catch(|| tell(Within::Span(None))),
        };
        let _ = panics::catch(|| trace.map_or((), |trace| trace.end(&task, &outcome)));
        Task::rejected(self.function, id, reason)
    }

    #[inline]
    fn note_name(&mut self, name: &'static str) {
        if !Callsites::are_made(self.function) {
            self.note_new_name(name);
        }
    }

    #[cold]
    fn note_new_name(&mut self, name: &'static str) {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// A required value is not there.
    fn miss(&mut self, name: &'static str, missed: Option<Missed>) {
        if self.refused.is_none() {
            self.missed = missed;
            self.refuse(Reason::MissingValue { name });
        }
    }

    /// The first reason stays.
    fn refuse(&mut self, reason: Reason) {
        self.refused.get_or_insert_with(|| Box::new(reason));
    }
}

/// Whether a runtime can be asked here for its timers.
#[inline]
fn can_be_asked(supervisor: &Supervisor) -> bool {
    // On a thread that is being torn down no call gets here, but of a supervisor with a runtime of its own.
    !thread::panicking() && (supervisor.runtime().is_none() || time_driver::can_be_asked())
}

/// Why a call gives no task.
enum Refusal {
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
