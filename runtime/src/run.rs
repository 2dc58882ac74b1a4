//! What runs a body to its outcome: the one future that is spawned for a task.
//!
//! It never panics and ends in exactly one outcome, whoever stops it. What depends on the body's type is the poll of
//! the body and the reading of its result; all else is in [`Frame`] and compiled once.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Instant;

use crate::ambient::{self, Ambient, Current};
use crate::cancellation::{Cause, Origin};
use crate::clock::Ticks;
use crate::context::Context;
use crate::entry::{EntryKey, Stop};
use crate::function::Function;
use crate::limiter::Place;
use crate::outcome::{Failure, Outcome, Panic, Reason};
use crate::panics;
use crate::report;
use crate::roster::Verdict;
use crate::supervisor::Supervisor;
use crate::task::TaskError;
use crate::task_info::TaskInfo;
use crate::trace::TaskTrace;

/// How the error inside a returned value is shown, if it is one; picked at compile time by the value's type.
pub(crate) type Classify<T> = fn(&T) -> Option<Failure<'_>>;

pin_project! {
    /// A task: the body, and the frame it runs in.
    pub(crate) struct Run<B: Future> {
        frame: Frame,
        classify: Classify<B::Output>,
        // Gone once the task has its outcome.
        #[pin]
        body: Option<B>,
    }

    impl<B: Future> PinnedDrop for Run<B> {
        /// The runtime was shut down, or refused the task: that is an outcome too.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if !this.frame.has_ended {
                let stop = Stop::Cancelled(Arc::new(Cause::Shutdown));
                let dropped = this.frame.inside(|| this.body.set(None));
                drop(this.frame.end_stopped(&stop, dropped));
            }
        }
    }
}

impl<B: Future> Run<B> {
    #[inline]
    pub(crate) fn new(frame: Frame, classify: Classify<B::Output>, body: B) -> Self {
        Self { frame, classify, body: Some(body) }
    }
}

impl<B: Future> Future for Run<B> {
    // The error in a box: it is rare, and the output is moved several times on its way to the handle.
    type Output = Result<B::Output, Box<TaskError>>;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let frame = this.frame;
        let stop = match frame.before_poll(cx) {
            Verdict::Wait => return Poll::Pending,
            Verdict::Stop(stop) => stop,
            Verdict::Run => {
                let polled = frame.inside(|| {
                    let polled = this.body.as_mut().as_pin_mut().map_or(Poll::Pending, |body| body.poll(cx));
                    if polled.is_ready() {
                        this.body.set(None);
                    }
                    polled
                });
                match polled {
                    Ok(Poll::Ready(value)) => {
                        return Poll::Ready(frame.end_returned(value, *this.classify).map_err(Box::new));
                    }
                    Ok(Poll::Pending) => match frame.after_poll(cx) {
                        Verdict::Stop(stop) => stop,
                        Verdict::Run | Verdict::Wait => return Poll::Pending,
                    },
                    Err(panic) => {
                        // The body cannot be polled again; a second panic, of its drop, adds nothing to the first.
                        let _ = frame.inside(|| this.body.set(None));
                        return Poll::Ready(Err(Box::new(frame.end_panicked(&panic))));
                    }
                }
            }
        };
        let dropped = frame.inside(|| this.body.set(None));
        Poll::Ready(Err(Box::new(frame.end_stopped(&stop, dropped))))
    }
}

/// All of a task but its body.
pub(crate) struct Frame {
    supervisor: Supervisor,
    key: EntryKey,
    /// The task's context, once somebody asked for it.
    context: Option<Context>,
    function: &'static Function,
    timeout: Option<Duration>,
    started: Ticks,
    trace: Option<Box<TaskTrace>>,
    rare: Option<Box<Rare>>,
    /// Set with the body's first wait: the roster can wake the task from then on.
    is_parked: bool,
    has_ended: bool,
}

/// What few tasks have.
pub(crate) struct Rare {
    /// Of a function with a `limit`.
    place: Option<Place>,
    /// Of a function with `origin = "follow"`: ready once the origin is cancelled.
    follow: Option<Pin<Box<dyn Future<Output = Cause> + Send>>>,
}

impl Rare {
    pub(crate) fn new(place: Option<Place>, follow: Option<Origin>) -> Option<Box<Self>> {
        if place.is_none() && follow.is_none() {
            return None;
        }
        let follow = follow.map(|origin| -> Pin<Box<dyn Future<Output = Cause> + Send>> {
            Box::pin(async move {
                origin.cancelled().await;
                origin.cause().unwrap_or(Cause::Completed)
            })
        });
        Some(Box::new(Self { place, follow }))
    }
}

impl Frame {
    pub(crate) fn new(
        supervisor: Supervisor,
        key: EntryKey,
        function: &'static Function,
        timeout: Option<Duration>,
        trace: Option<Box<TaskTrace>>,
        rare: Option<Box<Rare>>,
    ) -> Self {
        Self {
            supervisor,
            key,
            context: None,
            function,
            timeout,
            started: Ticks::NEVER,
            trace,
            rare,
            is_parked: false,
            has_ended: false,
        }
    }

    /// Runs user code where the task's context, supervisor, subscriber and span are in place, and catches its panics.
    fn inside<R>(&mut self, run: impl FnOnce() -> R) -> Result<R, Panic> {
        let current = match self.context.take() {
            Some(context) => Current::Context(context),
            None => Current::Task { key: self.key, deadline: self.deadline() },
        };
        let outer =
            ambient::exchange(Ambient { current, supervisor: Some(self.supervisor.clone()), inside: Some(self.key) });
        // Nothing between the two exchanges can unwind: what runs in there is caught.
        let caught = panics::catch(|| match &self.trace {
            None => run(),
            Some(trace) => trace.run(run),
        });
        if let Current::Context(context) = ambient::exchange(outer).current {
            self.context = Some(context);
        }
        caught
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
    fn before_poll(&mut self, cx: &mut PollContext<'_>) -> Verdict {
        if self.has_started() {
            return Verdict::Run;
        }
        self.follow_origin(cx);
        if let Some(stop) = self.supervisor.roster().stopped(self.key) {
            return Verdict::Stop(stop);
        }
        if self.function.options.limit.is_some() {
            match self.await_turn(cx) {
                Verdict::Run => {}
                verdict => return verdict,
            }
        }
        self.start();
        Verdict::Run
    }

    fn await_turn(&self, cx: &PollContext<'_>) -> Verdict {
        let bound = self.function.options.limit.and_then(|limit| limit.start_timeout);
        self.supervisor.roster().await_turn(self.key, cx.waker(), bound, self.supervisor.epoch())
    }

    /// Tells the observers of the call, before anything of the task can run.
    pub(crate) fn report_call(&self) {
        if !self.supervisor.observers().is_empty() {
            if let Some(task) = self.info() {
                let _ = panics::catch(|| report::call(&self.supervisor, &task));
            }
        }
    }

    #[inline]
    fn start(&mut self) {
        self.started = self.now();
        if !self.supervisor.observers().is_empty() {
            if let Some(task) = self.info() {
                let supervisor = self.supervisor.clone();
                let _ = self.inside(|| report::start(&supervisor, &task));
            }
        }
    }

    #[inline]
    fn deadline(&self) -> Ticks {
        self.timeout.map_or(Ticks::NEVER, |bound| self.started.plus(bound))
    }

    /// The body waits: whether it may go on to.
    #[inline]
    fn after_poll(&mut self, cx: &mut PollContext<'_>) -> Verdict {
        self.follow_origin(cx);
        let (roster, now) = (self.supervisor.roster(), || self.now());
        let verdict = if self.is_parked {
            roster.still_parked(self.key, now)
        } else {
            roster.park(self.key, cx.waker(), self.started, self.deadline(), now)
        };
        self.is_parked = true;
        verdict
    }

    #[inline]
    fn follow_origin(&mut self, cx: &mut PollContext<'_>) {
        let Some(follow) = self.rare.as_mut().and_then(|rare| rare.follow.as_mut()) else { return };
        if let Poll::Ready(cause) = follow.as_mut().poll(cx) {
            if let Some(rare) = &mut self.rare {
                rare.follow = None;
            }
            self.supervisor.cancel_task(self.key, cause);
        }
    }

    fn end_returned<T>(&mut self, value: T, classify: Classify<T>) -> Result<T, TaskError> {
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

    fn end_panicked(&mut self, panic: &Panic) -> TaskError {
        self.end(&Outcome::Panicked(panic));
        TaskError::Panicked
    }

    /// The body was dropped on `stop`; if that panicked, the panic is the outcome.
    fn end_stopped(&mut self, stop: &Stop, dropped: Result<(), Panic>) -> TaskError {
        if let Err(panic) = dropped {
            return self.end_panicked(&panic);
        }
        match stop {
            Stop::TimedOut => {
                self.end(&Outcome::TimedOut);
                TaskError::TimedOut
            }
            Stop::Cancelled(cause) => {
                self.end(&Outcome::Cancelled(cause));
                TaskError::Cancelled(Cause::clone(cause))
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
        // A subscriber that panics when it is asked must not keep the task's place.
        let _ = panics::catch(|| self.report(outcome));
        let entry = self.supervisor.roster().remove(self.key, outcome.kind(), Instant::now);
        if let Some(place) = self.rare.as_mut().and_then(|rare| rare.place.take()) {
            let was_waiting = entry.as_ref().is_some_and(|entry| entry.was_waiting);
            place.leave(was_waiting, self.supervisor.roster());
        }
        // The last holder of an inherited value runs its drop, which is user code; so may the end of the span. Both come
        // before the task is let out: whoever waits until idle may shut the exporter of spans down next.
        let held = (entry, self.context.take(), self.trace.take());
        let _ = panics::catch(|| drop(held));
        self.supervisor.leave();
    }

    #[inline]
    fn report(&mut self, outcome: &Outcome<'_>) {
        // Where the task has a subscriber of its own, only in there it can be asked whether it listens.
        if self.trace.is_none() && !report::is_heard(&self.supervisor, self.function, outcome) {
            return report::log(self.function, outcome, || self.info());
        }
        if let Some(task) = self.info() {
            let supervisor = self.supervisor.clone();
            let _ = self.inside(|| report::end(&supervisor, &task, outcome));
        }
    }

    fn info(&self) -> Option<TaskInfo> {
        let supervisor = &self.supervisor;
        let (epoch, now) = (supervisor.epoch(), Instant::now());
        let mut task = supervisor.roster().with(self.key, |entry| TaskInfo::of_entry(entry, epoch, now))?;
        if self.has_started() {
            task.set_started(epoch, self.started, self.deadline(), now);
        }
        task.timeout = self.timeout;
        Some(task)
    }
}
