//! One outcome, one report: one tracing event and one call of each observer. What one of those who are told panics with
//! is contained where it is told, so that all others are told too.

use crate::function::Function;
use crate::outcome::Outcome;
use crate::panics;
use crate::roster::{Stop, TaskInfo};
use crate::supervisor::{Observer, Supervisor};
use crate::telemetry::{self, Within};

/// Whether anyone may listen for the outcome, here or where the task ran: if nobody does, there is no place to ask in.
#[inline]
pub(super) fn may_be_heard(
    supervisor: &Supervisor,
    function: &'static Function,
    outcome: &Outcome<'_>,
    stop: impl FnOnce() -> Option<Stop>,
) -> bool {
    has_listeners(supervisor) || telemetry::is_logging() || telemetry::may_be_heard(function, outcome, stop)
}

/// Whether a subscriber or an observer listens for the outcome here, so that it is worth describing the task. `stop` asks what
/// it was told before.
#[inline]
pub(super) fn is_heard(
    supervisor: &Supervisor,
    function: &'static Function,
    outcome: &Outcome<'_>,
    stop: impl Fn() -> Option<Stop>,
) -> bool {
    #[cfg(feature = "tower")]
    if supervisor.mishaps().want(function, outcome, &stop) {
        return true;
    }
    !supervisor.observers().is_empty() || telemetry::is_heard(function, outcome, stop)
}

/// Whether the supervisor itself has somebody to tell.
#[inline]
pub(super) fn has_listeners(supervisor: &Supervisor) -> bool {
    #[cfg(feature = "tower")]
    if supervisor.mishaps().are_kept() {
        return true;
    }
    !supervisor.observers().is_empty()
}

/// Tells the subscriber and the observers of an outcome. Runs where the task ran, in its span and with its context.
pub(super) fn end(supervisor: &Supervisor, task: &TaskInfo, outcome: &Outcome<'_>, within: Within) {
    telemetry::log(task.function, outcome, || task.stop.clone(), || Some(task.clone()));
    telemetry::emit(task, outcome, within);
    for observer in supervisor.observers() {
        observe(observer.as_ref(), task, |observer| observer.on_end(task, outcome));
    }
    #[cfg(feature = "tower")]
    supervisor.mishaps().note(task, outcome);
}

/// Tells the observers of a call; runs in the caller.
pub(super) fn call(supervisor: &Supervisor, task: &TaskInfo) {
    for observer in supervisor.observers() {
        observe(observer.as_ref(), task, |observer| observer.on_call(task));
    }
}

/// Tells the observers that a body is about to run.
pub(super) fn start(supervisor: &Supervisor, task: &TaskInfo) {
    for observer in supervisor.observers() {
        observe(observer.as_ref(), task, |observer| observer.on_start(task));
    }
}

fn observe(observer: &dyn Observer, task: &TaskInfo, call: impl FnOnce(&dyn Observer)) {
    if let Err(panic) = panics::catch(|| call(observer)) {
        telemetry::observer_panicked(task, &panic);
    }
}
