//! All of a task but its body: what does not depend on the body's type, compiled once.

use std::mem;
use std::sync::Arc;
use std::task::{Context as PollContext, Poll};

use tokio::time::Instant;

use super::progress::Progress;
use super::rare::Rare;
use super::report;
use super::telling::{Classify, Completion, Telling};
use crate::ambient::{self, Ambient};
use crate::context::{Carried, Cause, TaskKey};
use crate::function::Function;
use crate::now::now;
use crate::outcome::{Outcome, Reason, TaskError};
use crate::panics::{self, Panic};
use crate::roster::{Removed, Roster, Stop, Ticks, Verdict};
use crate::supervisor::Supervisor;
use crate::telemetry;

/// All of a task but its body.
pub(super) struct Frame {
    /// What is in place while the task's code runs; the thread's own, while it does.
    own: Ambient,
    function: &'static Function,
    rare: Option<Box<Rare>>,
    progress: Progress,
}

impl Frame {
    #[inline]
    pub(super) fn new(
        supervisor: Supervisor,
        key: TaskKey,
        function: &'static Function,
        deadline: Option<Instant>,
        rare: Option<Box<Rare>>,
    ) -> Self {
        Self {
            own: Ambient { context: None, supervisor: Some(supervisor), inside: Some(key) },
            function,
            rare,
            progress: Progress::Called { deadline },
        }
    }

    /// Runs user code where the task's context, supervisor, subscriber, span and carriers are in place, and catches its
    /// panics.
    #[inline]
    pub(super) fn inside<R>(&mut self, run: impl FnOnce() -> R) -> Result<R, Panic> {
        ambient::exchange(&mut self.own);
        // Nothing between the two exchanges can unwind: what runs in there is caught.
        let caught = match &mut self.rare {
            None => panics::catch(run),
            Some(rare) => rare.inside(run),
        };
        ambient::exchange(&mut self.own);
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
    fn supervisor(&self) -> &Supervisor {
        self.own.supervisor.as_ref().expect("the task's own, while its code does not run")
    }

    #[inline]
    fn key(&self) -> TaskKey {
        self.own.inside.expect("the task's own, while its code does not run")
    }

    #[inline]
    fn roster(&self) -> &Roster {
        self.supervisor().roster()
    }

    /// Until the body has started: whether it may.
    #[inline]
    pub(super) fn before_poll(&mut self, cx: &mut PollContext<'_>) -> Verdict {
        let Progress::Called { deadline } = self.progress else { return Verdict::Run };
        self.before_start(deadline, cx)
    }

    fn before_start(&mut self, mut deadline: Option<Instant>, cx: &mut PollContext<'_>) -> Verdict {
        if self.rare.is_some() {
            match self.look_before_start(cx) {
                Verdict::Run if self.function.options.limit.is_some() => {
                    // Of one that waited it is known only now.
                    deadline = self.roster().with(self.key(), |entry| entry.bound.deadline).flatten();
                }
                Verdict::Run => {}
                verdict => return verdict,
            }
        }
        if let Some(stop) = self.roster().stopped(self.key()) {
            return Verdict::Stop(stop);
        }
        // Of the process's first tasks only, and never for long: a panic in here is to have its place.
        panics::await_extension();
        let now = now();
        if deadline.is_some_and(|deadline| deadline <= now) {
            return Verdict::Stop(self.stop_late());
        }
        self.progress = Progress::Started { started: now };
        if !self.supervisor().observers().is_empty() {
            self.tell_of_start();
        }
        Verdict::Run
    }

    /// What few tasks have to do before they start.
    fn look_before_start(&mut self, cx: &mut PollContext<'_>) -> Verdict {
        self.look_for_stops(cx);
        let Some(limit) = &self.function.options.limit else { return Verdict::Run };
        self.roster().await_turn(self.key(), cx.waker(), limit.start_timeout)
    }

    /// The bound was over before the body started, unless something else stopped it first.
    #[cold]
    fn stop_late(&self) -> Stop {
        self.roster().stop(self.key(), Stop::TimedOut);
        self.roster().stopped(self.key()).unwrap_or(Stop::TimedOut)
    }

    #[cold]
    fn tell_of_start(&mut self) {
        if let Some(task) = self.telling().info(self.supervisor(), false) {
            let supervisor = self.supervisor().clone();
            let _ = self.surely_inside(&mut || report::start(&supervisor, &task));
        }
    }

    /// The body waits: whether it may go on to.
    #[inline]
    pub(super) fn after_poll(&mut self, cx: &mut PollContext<'_>) -> Verdict {
        if self.rare.is_some() {
            self.look_for_stops(cx);
        }
        let (roster, key) = (self.roster(), self.key());
        let Progress::Started { started } = self.progress else { return roster.still_parked(key, Ticks::now) };
        let verdict = roster.park(key, cx.waker(), started, |entry| entry.bound.alarm(), Ticks::now);
        self.progress = Progress::Parked { started };
        verdict
    }

    fn look_for_stops(&mut self, cx: &mut PollContext<'_>) {
        let Some(stops) = self.rare.as_mut().and_then(|rare| rare.stops.as_mut()) else { return };
        if let Poll::Ready(stop) = stops.as_mut().poll(cx) {
            if let Some(rare) = &mut self.rare {
                rare.stops = None;
            }
            self.roster().stop(self.key(), stop);
        }
    }

    /// To tell how the task ends, where someone may listen: inside, if the body returns there. Not within carriers, whose
    /// panic on the way out is the outcome.
    #[inline]
    pub(super) fn telling_inside(&self) -> Option<Telling> {
        let has_place = self.has_place();
        let may_be_heard =
            !has_place && (report::has_listeners(self.supervisor()) || telemetry::completions_may_be_heard());
        may_be_heard.then(|| self.telling())
    }

    #[inline]
    fn telling(&self) -> Telling {
        Telling { function: self.function, key: self.key(), started: self.progress.started() }
    }

    /// The body has returned `value`.
    #[inline]
    pub(super) fn end_returned<T>(
        &mut self,
        value: T,
        classify: Classify<T>,
        completion: Completion,
    ) -> Result<T, TaskError> {
        match completion {
            Completion::None => self.end_with_error(value, classify),
            Completion::Untold => {
                self.end(&Outcome::Completed);
                Ok(value)
            }
            Completion::Told => {
                self.note_end();
                self.finish(&Outcome::Completed);
                Ok(value)
            }
        }
    }

    /// The body has returned `value`, which is an error.
    #[inline(never)]
    fn end_with_error<T>(&mut self, value: T, classify: Classify<T>) -> Result<T, TaskError> {
        // It is the type's code that says so, and it may say or do another thing when it is asked again.
        match panics::catch(|| classify(&value)) {
            Ok(None) => self.end(&Outcome::Completed),
            Ok(Some(failure)) => self.end(&Outcome::Failed(failure)),
            Err(panic) => {
                // Its drop is user code as well; a second panic adds nothing to the first.
                panics::drop_contained(value);
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
        let roster = self.supervisor().roster();
        let stop = self.followed().map_or(Stop::RuntimeStopped, |cause| Stop::Cancelled(Arc::new(cause)));
        roster.stop(self.key(), stop.clone());
        roster.stopped(self.key()).unwrap_or(stop)
    }

    /// Why the origin was cancelled that the task follows; a poll would have told, if there had been one since.
    fn followed(&self) -> Option<Cause> {
        if !self.function.options.follow_origin {
            return None;
        }
        self.supervisor().roster().with(self.key(), |entry| entry.origin.clone()).flatten()?.cause()
    }

    /// The runtime has dropped the task on `stop`, and its handle cannot be given the outcome.
    pub(super) fn end_with_runtime(&mut self, stop: &Stop, dropped: Result<(), Panic>) {
        let error = self.end_stopped(stop, dropped);
        self.supervisor().note_dropped(self.key(), error);
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

    #[inline]
    fn note_end(&mut self) {
        self.progress = Progress::Ended { started: self.progress.started() };
    }

    #[inline]
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.progress, Progress::Ended { .. })
    }

    /// Reports the outcome, and gives back all that the task held. In that order: whoever awaits the task, or waits
    /// until the supervisor is idle, finds the report made.
    fn end(&mut self, outcome: &Outcome<'_>) {
        self.note_end();
        let supervisor = self.supervisor();
        let stop = || self.telling().stop(supervisor, self.own.context.is_some());
        if report::may_be_heard(supervisor, self.function, outcome, stop) {
            // Nothing that happens while it is told may keep the task's place.
            let _ = panics::catch(|| self.report(outcome));
        }
        self.finish(outcome);
    }

    #[inline(never)]
    fn report(&mut self, outcome: &Outcome<'_>) {
        let (telling, has_context) = (self.telling(), self.own.context.is_some());
        // Where the task has a subscriber or a place of its own, only in there it can be asked who listens.
        let is_heard = self.rare.is_some() || telling.is_heard(self.supervisor(), outcome, has_context);
        if !is_heard {
            return telling.log(self.supervisor(), outcome, has_context);
        }
        let supervisor = self.supervisor().clone();
        let _ = self.surely_inside(&mut || telling.tell(&supervisor, outcome, has_context));
    }

    /// Gives back all that the task held, once its outcome is told.
    #[inline]
    fn finish(&mut self, outcome: &Outcome<'_>) {
        let is_plain = self.rare.is_none() && self.own.context.is_none();
        if !is_plain {
            self.end_trace(outcome);
        }
        let (key, supervisor) = (self.key(), self.supervisor());
        let removed = supervisor.roster().remove(key, outcome, is_plain, || supervisor.now());
        // The last holder of an inherited value runs its drop, which may be user code. It comes before the task is let
        // out: who waits until idle may end the process next.
        let is_last = match removed {
            Some(Removed::Left { is_last, waker }) => {
                drop(waker);
                is_last
            }
            held => {
                if is_plain {
                    drop(held);
                } else {
                    self.give_back(held);
                }
                self.roster().leave(key, self.function)
            }
        };
        if is_last {
            self.supervisor().tell_of_leave();
        }
    }

    /// The span's end is the subscriber's code. It comes before the task is let out: whoever waits until idle may shut the
    /// exporter of spans down next.
    #[inline(never)]
    fn end_trace(&mut self, outcome: &Outcome<'_>) {
        let Some(trace) = self.rare.as_mut().and_then(|rare| rare.trace.take()) else { return };
        let is_completed = matches!(outcome, Outcome::Completed);
        let supervisor = if is_completed { None } else { Some(self.supervisor().clone()) };
        let (telling, has_context) = (self.telling(), self.own.context.is_some());
        let task = || telling.info(supervisor.as_ref()?, has_context);
        let mut trace = Some(trace);
        let _ = self.surely_inside(&mut || trace.take().map_or((), |trace| trace.end(task, outcome)));
    }

    /// Gives back what few tasks have. The task is yet to be let out.
    #[inline(never)]
    fn give_back(&mut self, held: Option<Removed>) {
        let mut rare = self.rare.take();
        if let Some(place) = rare.as_mut().and_then(|rare| rare.place.take()) {
            let was_waiting = matches!(&held, Some(Removed::Held(leftovers)) if leftovers.was_waiting);
            place.leave(was_waiting, self.roster(), now());
        }
        panics::drop_contained((held, self.own.context.take(), rare));
    }
}
