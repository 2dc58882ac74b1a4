//! One outcome, one report: one tracing event and one call of each observer.

use crate::function::Function;
use crate::line::on_one_line;
use crate::outcome::Outcome;
use crate::panics;
use crate::roster::{Stop, TaskInfo};
use crate::supervisor::{Observer, Supervisor};
use crate::telemetry::{self, TARGET};

/// Whether a subscriber or an observer listens for the outcome, so that it is worth describing the task.
#[inline]
pub(super) fn is_heard(
    supervisor: &Supervisor,
    function: &'static Function,
    outcome: &Outcome<'_>,
    stop: Option<&Stop>,
) -> bool {
    !supervisor.observers().is_empty() || telemetry::is_heard(function, outcome, stop)
}

/// Tells the subscriber and the observers of an outcome. Runs where the task ran, in its span and with its context.
pub(super) fn end(supervisor: &Supervisor, task: &TaskInfo, outcome: &Outcome<'_>) {
    telemetry::log(task.function, outcome, task.stop.as_ref(), || Some(task.clone()));
    telemetry::emit(task, outcome);
    for observer in supervisor.observers() {
        observe(observer.as_ref(), task, |observer| observer.on_end(task, outcome));
    }
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
        tracing::error!(
            target: TARGET,
            task = &*on_one_line(task.name()),
            task.id = %task.id(),
            error = %panic,
            "an observer panicked"
        );
    }
}
