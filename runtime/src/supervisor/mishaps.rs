//! The last calls that went wrong, for who looks at a page rather than at a log. Kept only where a page asked for it.

use std::collections::VecDeque;
use std::panic::Location;
use std::sync::{Arc, Mutex, OnceLock};

use tokio::time::Instant;

use crate::context::{Cause, Primitive};
use crate::function::Function;
use crate::now::now;
use crate::outcome::{Outcome, OutcomeKind};
use crate::roster::{Ending, Stop, TaskId, TaskInfo, shown};
use crate::shown::bounded;

/// So many are kept.
const KEPT: usize = 100;

/// One call that went wrong, as texts of bounded length: it holds no value of the task.
#[derive(Debug)]
pub(crate) struct Mishap {
    pub(crate) at: Instant,
    pub(crate) id: TaskId,
    pub(crate) name: &'static str,
    pub(crate) module: &'static str,
    pub(crate) kind: OutcomeKind,
    /// The message of its event.
    pub(crate) message: &'static str,
    pub(crate) error: String,
    pub(crate) caller: &'static Location<'static>,
    pub(crate) values: Vec<(&'static str, Primitive<'static>)>,
}

#[derive(Default)]
pub(crate) struct Mishaps(OnceLock<Mutex<VecDeque<Arc<Mishap>>>>);

impl Mishaps {
    /// From now on they are kept: until somebody wants them, nobody pays for them.
    pub(crate) fn keep(&self) {
        self.0.get_or_init(Mutex::default);
    }

    /// Whether anybody wants them.
    #[inline]
    pub(crate) fn are_kept(&self) -> bool {
        self.0.get().is_some()
    }

    /// Whether the ending is one to be kept.
    #[inline]
    pub(crate) fn want(
        &self,
        function: &'static Function,
        outcome: &Outcome<'_>,
        stop: impl FnOnce() -> Option<Stop>,
    ) -> bool {
        self.are_kept() && is_mishap(Ending::new(function, outcome, stop().as_ref()))
    }

    /// Keeps the ending, if it is one to be kept.
    pub(crate) fn note(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        let Some(mishaps) = self.0.get().filter(|_| is_mishap(Ending::of(task, outcome))) else { return };
        // Showing values and errors is user code, so it comes before the lock.
        let mishap = Arc::new(Mishap::of(task, outcome));
        let mut mishaps = lock(mishaps);
        let oldest = if mishaps.len() == KEPT { mishaps.pop_back() } else { None };
        mishaps.push_front(mishap);
        drop(mishaps);
        drop(oldest);
    }

    /// The last first. They are shared, since whoever ends meanwhile waits for the lock: a rejected call's caller, too.
    pub(crate) fn list(&self) -> Vec<Arc<Mishap>> {
        self.0.get().map(|mishaps| lock(mishaps).iter().cloned().collect()).unwrap_or_default()
    }
}

impl Mishap {
    fn of(task: &TaskInfo, outcome: &Outcome<'_>) -> Self {
        let ending = Ending::of(task, outcome);
        let error = match (outcome.said(task.missed), ending.timeout(task.timeout), ending.cause()) {
            (Some((_, text)), ..) => text,
            (None, Some(bound), _) => format!("timeout {bound:?}"),
            (None, None, cause) => cause.map_or_else(String::new, |cause| cause.to_string()),
        };
        let values = shown(&task.values).map(|value| (value.name(), Primitive::shown(value).into_owned()));
        Self {
            at: now(),
            id: task.id(),
            name: task.name(),
            module: task.module(),
            kind: outcome.kind(),
            message: ending.message(),
            error: bounded(&error).into_owned(),
            caller: task.caller(),
            values: values.collect(),
        }
    }
}

/// Whether an operator would call it a mishap.
fn is_mishap(ending: Ending<'_>) -> bool {
    match ending.outcome {
        _ if ending.is_asked_for() => false,
        Outcome::Completed => ending.is_late(),
        Outcome::Cancelled(cause) => matches!(cause, Cause::Shutdown | Cause::RuntimeStopped),
        Outcome::Failed(_) | Outcome::TimedOut | Outcome::Panicked(_) | Outcome::Rejected(_) => true,
    }
}

fn lock(mishaps: &Mutex<VecDeque<Arc<Mishap>>>) -> std::sync::MutexGuard<'_, VecDeque<Arc<Mishap>>> {
    // No user code runs under the lock, so a poisoned one still guards a whole list.
    mishaps.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
