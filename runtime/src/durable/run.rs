//! One attempt of a stored call, from the envelope to the task.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;

use super::argument::Parameter;
use super::envelope::Envelope;
use super::state::States;
use super::stored::{Read, Storable};
use super::trace::CallersSpan;
use crate::context::Cause;
use crate::function::{Function, Trace};
use crate::outcome::{Failure, Reason, TaskError};
use crate::panics;
use crate::supervisor::Supervisor;
use crate::task;

/// The name of the value that says which attempt it is: 1 is the first.
pub(super) const ATTEMPT: &str = "attempt";

/// What generated code reads a stored call from, and starts it with.
#[doc(hidden)]
pub struct Run<'a> {
    pub(super) function: &'static Function,
    pub(super) envelope: &'a Envelope,
    pub(super) states: &'a States,
    pub(super) supervisor: &'a Supervisor,
    /// What the task inherits, in the context that is its origin.
    pub(super) read: Read<'a>,
}

/// What came of it: an attempt to be awaited, or why there is none.
#[doc(hidden)]
pub struct Started(pub(super) Result<Attempt, String>);

pub(super) type Attempt = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// How an attempt ended.
pub(super) enum Ended {
    Completed,
    Failed(String),
    TimedOut,
    Panicked,
    Cancelled(Cause),
    Rejected(Reason),
}

impl Run<'_> {
    /// An argument; one that is not there is read as JSON's `null`, which is `None` of an `Option`.
    pub fn argument<T>(&mut self, parameter: &Parameter<T>, name: &'static str) -> Option<T> {
        let stored = self.envelope.arguments.get(name);
        let read = panics::catch(|| (parameter.read)(stored.unwrap_or(&Value::Null)));
        let error = match read {
            Ok(Ok(value)) => return Some(value),
            Ok(Err(_)) if stored.is_none() => "it was not stored".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic.to_string(),
        };
        self.refuse(format!("the argument `{name}` cannot be read: {error}"));
        None
    }

    /// A `#[state]` of the worker's.
    pub fn state<T: Clone + 'static>(&mut self) -> Option<T> {
        let state = panics::catch(|| self.states.get()).ok().flatten();
        if state.is_none() {
            self.refuse(format!("the worker has no state of the type `{}`", std::any::type_name::<T>()));
        }
        state
    }

    /// The first reason stays.
    fn refuse(&mut self, reason: String) {
        self.read.unreadable.get_or_insert(reason);
    }

    /// Ends the run without an attempt, for what could not be read.
    #[must_use]
    pub fn refused(self) -> Started {
        Started(Err(self.read.unreadable.unwrap_or_else(|| "it cannot be read".to_owned())))
    }

    /// `inherit = [KEY]`, or `[KEY?]`: puts the values into the origin. `None` when they cannot be read.
    pub fn inherit(&mut self, carrier: &'static dyn Storable, is_optional: bool) -> Option<()> {
        self.read.is_optional = is_optional;
        if let Err(panic) = panics::catch(|| carrier.read(&mut self.read)) {
            self.refuse(format!("an inherited value cannot be read: {panic}"));
        }
        self.read.unreadable.is_none().then_some(())
    }

    /// The call that the attempt is in the process, with all that it inherits.
    #[must_use]
    #[track_caller]
    pub fn begin(&self) -> task::Call {
        let mut call = self.function.begin_call_from_of(&self.read.context, self.supervisor);
        for name in self.read.names.iter().copied().chain([ATTEMPT]) {
            call.carry(name);
        }
        call
    }

    /// Starts the task. `classify` tells how the error in a returned value is shown.
    #[must_use]
    pub fn spawn<F>(
        self,
        call: task::Call,
        classify: for<'v> fn(&'v F::Output) -> Option<Failure<'v>>,
        body: F,
    ) -> Started
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let caller = CallersSpan::of(self.envelope);
        let trace = self.supervisor.spans().trace_of(self.function);
        let linked = caller.clone().filter(|_| trace == Trace::Link);
        let body = async move {
            if let Some(caller) = linked {
                caller.link();
            }
            body.await
        };
        let task = match caller {
            Some(caller) if trace == Trace::Child => caller.as_parent(|| call.spawn(classify, body)),
            _ => call.spawn(classify, body),
        };
        Started(Ok(Box::pin(async move { Ended::of(task.await, classify) })))
    }
}

impl Ended {
    fn of<T>(ended: Result<T, TaskError>, classify: for<'v> fn(&'v T) -> Option<Failure<'v>>) -> Self {
        match ended {
            // To show an error is user code, and so is its drop. Both went well once, or it would have panicked.
            Ok(value) => panics::catch(move || classify(&value).map(|failure| failure.chain()))
                .map_or(Self::Panicked, |failed| failed.map_or(Self::Completed, Self::Failed)),
            Err(TaskError::TimedOut) => Self::TimedOut,
            Err(TaskError::Panicked) => Self::Panicked,
            Err(TaskError::Cancelled(cause)) => Self::Cancelled(cause),
            Err(TaskError::Rejected(reason)) => Self::Rejected(reason),
        }
    }
}

/// Why the attempt gave no result, for the store's list of jobs.
pub(super) fn told(ended: &Ended, timeout: Option<Duration>) -> Option<String> {
    match ended {
        Ended::Completed => None,
        Ended::Failed(error) => Some(error.clone()),
        Ended::TimedOut => Some(timeout.map_or("timed out".to_owned(), |bound| format!("timed out after {bound:?}"))),
        Ended::Panicked => Some("panicked".to_owned()),
        Ended::Cancelled(cause) => Some(format!("cancelled: {cause}")),
        Ended::Rejected(reason) => Some(format!("rejected: {reason}")),
    }
}
