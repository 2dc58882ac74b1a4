//! All of a task but its body: what does not depend on the body's type, compiled once.

use std::future::{Future, pending};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as PollContext, Poll};

use tokio::runtime::Handle;

use super::bound::Bound;
use super::report;
use crate::ambient::{self, Ambient, Current};
use crate::context::{Carried, Cause, Context, Origin, TaskKey};
use crate::function::Function;
use crate::outcome::{Failure, Outcome, Reason, TaskError};
use crate::panics::{self, Panic};
use crate::roster::{Stop, TaskInfo, Ticks, Verdict, time_driver};
use crate::supervisor::{Place, Supervisor};
use crate::telemetry::{self, TaskTrace, Within};

/// How the error inside a returned value is shown, if it is one; picked at compile time by the value's type.
pub(super) type Classify<T> = fn(&T) -> Option<Failure<'_>>;

/// All of a task but its body.
pub(super) struct Frame {
    supervisor: Supervisor,
    key: TaskKey,
    /// The task's context, once somebody asked for it.
    context: Option<Context>,
    function: &'static Function,
    bound: Bound,
    started: Ticks,
    trace: Option<Box<TaskTrace>>,
    rare: Option<Box<Rare>>,
    /// Set with the body's first wait: the roster can wake the task from then on.
    is_parked: bool,
    pub(super) has_ended: bool,
}

/// What few tasks have.
pub(super) struct Rare {
    /// Of a function with a `limit`.
    place: Option<Place>,
    /// Of a function with `origin = "follow"`: ready once the origin is cancelled. And of a call whose runtime could not be
    /// asked for timers: ready where there are none.
    stops: Option<Pin<Box<dyn Future<Output = Stop> + Send>>>,
    /// Of a function that inherits by a carrier with a place of its own.
    carried: Carried,
}

impl Rare {
    #[inline]
    pub(super) fn new(
        place: Option<Place>,
        follow: Option<Origin>,
        asks_for_timers: bool,
        carried: Carried,
    ) -> Option<Box<Self>> {
        if place.is_none() && follow.is_none() && !asks_for_timers && carried.is_empty() {
            return None;
        }
        let stops = if follow.is_some() || asks_for_timers { Some(stops(follow, asks_for_timers)) } else { None };
        Some(Box::new(Self { place, stops, carried }))
    }
}

/// Ready once the task is to stop, for a reason that it has to look for itself.
fn stops(follow: Option<Origin>, asks_for_timers: bool) -> Pin<Box<dyn Future<Output = Stop> + Send>> {
    Box::pin(async move {
        // Before the first poll of the body, which could wait for no deadline.
        if asks_for_timers && time_driver::ask(&Handle::current()) == Some(false) {
            return Stop::TimedOut;
        }
        let Some(origin) = follow else { return pending().await };
        origin.cancelled().await;
        Stop::Cancelled(Arc::new(origin.cause().unwrap_or(Cause::Completed)))
    })
}

impl Frame {
    #[inline]
    pub(super) fn new(
        supervisor: Supervisor,
        key: TaskKey,
        function: &'static Function,
        bound: Bound,
        trace: Option<Box<TaskTrace>>,
        rare: Option<Box<Rare>>,
    ) -> Self {
        Self {
            supervisor,
            key,
            context: None,
            function,
            bound,
            started: Ticks::NEVER,
            trace,
            rare,
            is_parked: false,
            has_ended: false,
        }
    }

    /// Runs user code where the task's context, supervisor, subscriber, span and carriers are in place, and catches its
    /// panics.
    #[inline]
    pub(super) fn inside<R>(&mut self, run: impl FnOnce() -> R) -> Result<R, Panic> {
        let current = match self.context.take() {
            Some(context) => Current::Context(context),
            None => Current::Task { key: self.key, deadline: self.bound.deadline() },
        };
        let outer =
            ambient::exchange(Ambient { current, supervisor: Some(self.supervisor.clone()), inside: Some(self.key) });
        let (trace, rare) = (&self.trace, &mut self.rare);
        let run = || match rare {
            None => run(),
            Some(rare) => rare.carried.around(run),
        };
        // Nothing between the two exchanges can unwind: what runs in there is caught.
        let caught = match trace {
            None => panics::catch(run),
            Some(trace) => trace.run(run),
        };
        if let Current::Context(context) = ambient::exchange(outer).current {
            self.context = Some(context);
        }
        caught
    }

    /// Does inside what has to be done, whatever becomes of the carriers: where one fails, without them. Of any body, so
    /// that it is compiled once.
    pub(super) fn surely_inside(&mut self, done: &mut dyn FnMut()) -> Result<(), Panic> {
        let mut is_begun = false;
        let caught = self.inside(|| {
            is_begun = true;
            done();
        });
        if is_begun || !self.has_place() {
            return caught;
        }
        let failing = self.exchange_carried(Carried::default());
        let caught = self.inside(done);
        self.exchange_carried(failing);
        caught
    }

    fn exchange_carried(&mut self, carried: Carried) -> Carried {
        self.rare.as_mut().map(|rare| mem::replace(&mut rare.carried, carried)).unwrap_or_default()
    }

    fn has_place(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| !rare.carried.is_empty())
    }

    #[inline]
    fn now(&self) -> Ticks {
        self.supervisor.epoch().ticks()
    }

    #[inline]
    fn has_started(&self) -> bool {
        self.started != Ticks::NEVER
    }

    /// Until the body has started: whether it may.
    #[inline]
    pub(super) fn before_poll(&mut self, cx: &mut PollContext<'_>) -> Verdict {
        if self.has_started() {
            return Verdict::Run;
        }
        self.look_for_stops(cx);
        if let Some(stop) = self.supervisor.roster().stopped(self.key) {
            return Verdict::Stop(stop);
        }
        if self.function.options.limit.is_some() {
            match self.await_turn(cx) {
                Verdict::Run => self.begin_bound(),
                verdict => return verdict,
            }
        }
        let now = self.now();
        if self.bound.deadline() <= now {
            return Verdict::Stop(Stop::TimedOut);
        }
        self.start(now);
        Verdict::Run
    }

    /// With the turn that it waited for.
    fn begin_bound(&mut self) {
        if let Some(turn) = self.supervisor.roster().with(self.key, |entry| entry.turn) {
            self.bound.begin(turn);
        }
    }

    fn await_turn(&self, cx: &PollContext<'_>) -> Verdict {
        let bound = self.function.options.limit.and_then(|limit| limit.start_timeout);
        self.supervisor.roster().await_turn(self.key, cx.waker(), bound, self.supervisor.epoch())
    }

    /// Tells the observers of the call, before anything of the task can run.
    pub(super) fn report_call(&self) {
        if !self.supervisor.observers().is_empty() {
            if let Some(task) = self.info() {
                let _ = panics::catch(|| report::call(&self.supervisor, &task));
            }
        }
    }

    #[inline]
    fn start(&mut self, now: Ticks) {
        // Of the process's first tasks only, and never for long: a panic in here is to have its place.
        panics::await_extension();
        self.started = now;
        if !self.supervisor.observers().is_empty() {
            if let Some(task) = self.info() {
                let supervisor = self.supervisor.clone();
                let _ = self.surely_inside(&mut || report::start(&supervisor, &task));
            }
        }
    }

    /// The body waits: whether it may go on to.
    #[inline]
    pub(super) fn after_poll(&mut self, cx: &mut PollContext<'_>) -> Verdict {
        self.look_for_stops(cx);
        let (roster, now) = (self.supervisor.roster(), || self.now());
        let verdict = if self.is_parked {
            roster.still_parked(self.key, now)
        } else {
            roster.park(self.key, cx.waker(), self.started, self.bound.deadline(), now)
        };
        self.is_parked = true;
        verdict
    }

    #[inline]
    fn look_for_stops(&mut self, cx: &mut PollContext<'_>) {
        let Some(stops) = self.rare.as_mut().and_then(|rare| rare.stops.as_mut()) else { return };
        if let Poll::Ready(stop) = stops.as_mut().poll(cx) {
            if let Some(rare) = &mut self.rare {
                rare.stops = None;
            }
            self.supervisor.roster().stop(self.key, stop);
        }
    }

    #[inline]
    pub(super) fn end_returned<T>(&mut self, value: T, classify: Classify<T>) -> Result<T, TaskError> {
        // To tell an error by its type may run code of the type's, such as an `AsRef`.
        match panics::catch(|| classify(&value)) {
            Ok(None) => self.end(&Outcome::Completed),
            Ok(Some(failure)) => self.end(&Outcome::Failed(failure)),
            Err(panic) => {
                // Its drop is user code as well; a second panic adds nothing to the first.
                let _ = panics::catch(|| drop(value));
                return Err(self.end_panicked(&panic));
            }
        }
        Ok(value)
    }

    pub(super) fn end_panicked(&mut self, panic: &Panic) -> TaskError {
        self.end(&Outcome::Panicked(panic));
        TaskError::Panicked
    }

    /// Why a task stops that its runtime drops: the first cause stays, if there was one.
    pub(super) fn stop_with_runtime(&self) -> Stop {
        let roster = self.supervisor.roster();
        let stop = self.followed().map_or(Stop::RuntimeStopped, |cause| Stop::Cancelled(Arc::new(cause)));
        roster.stop(self.key, stop.clone());
        roster.stopped(self.key).unwrap_or(stop)
    }

    /// Why the origin was cancelled that the task follows; a poll would have told, if there had been one since.
    fn followed(&self) -> Option<Cause> {
        if !self.function.options.follow_origin {
            return None;
        }
        self.supervisor.roster().with(self.key, |entry| entry.origin.clone()).flatten()?.cause()
    }

    /// The runtime has dropped the task on `stop`, and its handle cannot be given the outcome.
    pub(super) fn end_with_runtime(&mut self, stop: &Stop, dropped: Result<(), Panic>) {
        let error = self.end_stopped(stop, dropped);
        self.supervisor.note_dropped(self.key, error);
    }

    /// The body was dropped on `stop`; if that panicked, the panic is the outcome.
    pub(super) fn end_stopped(&mut self, stop: &Stop, dropped: Result<(), Panic>) -> TaskError {
        if let Err(panic) = dropped {
            return self.end_panicked(&panic);
        }
        match stop {
            Stop::TimedOut => {
                self.end(&Outcome::TimedOut);
                TaskError::TimedOut
            }
            Stop::Cancelled(_) | Stop::Shutdown | Stop::RuntimeStopped => {
                let cause = stop.cause();
                self.end(&Outcome::Cancelled(&cause));
                TaskError::Cancelled(cause)
            }
            Stop::StartTimedOut => self.end_rejected(Reason::StartTimedOut),
            Stop::Displaced => self.end_rejected(Reason::Displaced),
        }
    }

    fn end_rejected(&mut self, reason: Reason) -> TaskError {
        self.end(&Outcome::Rejected(&reason));
        TaskError::Rejected(reason)
    }

    /// Reports the outcome, and gives back all that the task held. In that order: whoever awaits the task, or waits
    /// until the supervisor is idle, finds the report made.
    #[inline]
    fn end(&mut self, outcome: &Outcome<'_>) {
        self.has_ended = true;
        // Nothing that happens while it is told may keep the task's place.
        let _ = panics::catch(|| self.report(outcome));
        let supervisor = &self.supervisor;
        let entry = supervisor.roster().remove(self.key, outcome, || supervisor.now());
        if let Some(place) = self.rare.as_mut().and_then(|rare| rare.place.take()) {
            let was_waiting = entry.as_ref().is_some_and(|entry| entry.was_waiting);
            place.leave(was_waiting, self.supervisor.roster(), self.now());
        }
        // The last holder of an inherited value runs its drop, which is user code.
        let held = (entry, self.context.take(), self.rare.take());
        let _ = panics::catch(|| drop(held));
        // Gone by now, unless the report panicked.
        if let Some(trace) = self.trace.take() {
            let _ = panics::catch(|| drop(trace));
        }
        self.supervisor.leave(self.function);
    }

    #[inline]
    fn report(&mut self, outcome: &Outcome<'_>) {
        // Where the task has a subscriber or a place of its own, only in there it can be asked who listens.
        if self.trace.is_none() && !self.has_place() {
            let stop = || self.supervisor.roster().stopped(self.key).or_else(|| self.told_by_context(self.now()));
            if !report::is_heard(&self.supervisor, self.function, outcome, stop) {
                return telemetry::log(self.function, outcome, stop, || self.info());
            }
        }
        let Some(task) = self.info() else { return };
        let supervisor = self.supervisor.clone();
        let _ = self.surely_inside(&mut || report::end(&supervisor, &task, outcome, Within::Current));
        // Its end is the subscriber's code. It comes before the task is let out: whoever waits until idle may shut the
        // exporter of spans down next.
        let mut trace = self.trace.take();
        if trace.is_some() {
            let _ = self.surely_inside(&mut || trace.take().map_or((), |trace| trace.end(&task, outcome)));
        }
    }

    /// What the body may have heard from its context, whose deadline can be the first to say that the time is over.
    fn told_by_context(&self, now: Ticks) -> Option<Stop> {
        (self.context.is_some() && self.bound.deadline() <= now).then_some(Stop::TimedOut)
    }

    fn info(&self) -> Option<TaskInfo> {
        let supervisor = &self.supervisor;
        let (epoch, now) = (supervisor.epoch(), supervisor.now());
        let mut task = supervisor.roster().with(self.key, |entry| TaskInfo::of_entry(entry, epoch, now))?;
        if self.has_started() {
            task.set_started(epoch, self.started, self.bound.deadline(), now);
            task.stop = task.stop.or_else(|| self.told_by_context(epoch.at(now)));
        }
        task.timeout = self.bound.length;
        Some(task)
    }
}
