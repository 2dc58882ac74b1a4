//! One outcome, one report: one tracing event and one call of each observer.

use std::fmt;
use std::time::Duration;

use tracing::dispatcher;
use tracing::field::{Value, debug, display};

use crate::callsite::{Callsites, Site, TARGET};
use crate::cancellation::Cause;
use crate::field_value::FieldValue;
use crate::function::{Function, Level};
use crate::observer::Observer;
use crate::outcome::{Outcome, OutcomeKind};
use crate::panics;
use crate::supervisor::Supervisor;
use crate::task_info::TaskInfo;
use crate::trace::field_values;

/// Whether a subscriber or an observer listens for the outcome, so that it is worth describing the task.
#[inline]
pub(crate) fn is_heard(supervisor: &Supervisor, function: &'static Function, outcome: &Outcome<'_>) -> bool {
    !supervisor.observers().is_empty()
        || (dispatcher::has_been_set() && site(function, level_of(function, outcome)).is_some())
}

/// Tells the subscriber and the observers of an outcome. Runs where the task ran, in its span and with its context.
pub(crate) fn end(supervisor: &Supervisor, task: &TaskInfo, outcome: &Outcome<'_>) {
    log(task.function, outcome, || Some(task.clone()));
    if let Some((site, callsites)) = site(task.function, level_of(task.function, outcome)) {
        // A panic in here is the subscriber's own; it is handed nothing that panics.
        let _ = panics::catch(|| emit(site, callsites, task, outcome));
    }
    for observer in supervisor.observers() {
        observe(observer.as_ref(), task, |observer| observer.on_end(task, outcome));
    }
}

/// The callsite of the function's events of that level, if the current subscriber wants it.
fn site(function: &'static Function, level: Level) -> Option<(&'static Site, &'static Callsites)> {
    let callsites = function.callsites.get()?;
    let site = callsites.event(level);
    site.is_enabled().then_some((site, callsites))
}

/// Tells the observers of a call; runs in the caller.
pub(crate) fn call(supervisor: &Supervisor, task: &TaskInfo) {
    for observer in supervisor.observers() {
        observe(observer.as_ref(), task, |observer| observer.on_call(task));
    }
}

/// Tells the observers that a body is about to run.
pub(crate) fn start(supervisor: &Supervisor, task: &TaskInfo) {
    for observer in supervisor.observers() {
        observe(observer.as_ref(), task, |observer| observer.on_start(task));
    }
}

fn observe(observer: &dyn Observer, task: &TaskInfo, call: impl FnOnce(&dyn Observer)) {
    if let Err(panic) = panics::catch(|| call(observer)) {
        tracing::error!(
            target: TARGET,
            task = task.name(),
            task.id = %task.id(),
            error = %panic,
            "an observer panicked"
        );
    }
}

/// The level of an outcome's event.
fn level_of(function: &Function, outcome: &Outcome<'_>) -> Level {
    match outcome {
        Outcome::Completed => Level::Debug,
        Outcome::Failed(_) | Outcome::TimedOut => function.options.level,
        Outcome::Panicked(_) | Outcome::Rejected(_) => Level::Error,
        Outcome::Cancelled(Cause::Shutdown) => Level::Warn,
        Outcome::Cancelled(_) => Level::Info,
    }
}

fn message_of(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Completed => "task completed",
        OutcomeKind::Failed => "task failed",
        OutcomeKind::TimedOut => "task timed out",
        OutcomeKind::Panicked => "task panicked",
        OutcomeKind::Cancelled => "task cancelled",
        OutcomeKind::Rejected => "task rejected",
    }
}

fn emit(site: &'static Site, callsites: &Callsites, task: &TaskInfo, outcome: &Outcome<'_>) {
    // A subscriber is not handed what panics when shown: it might be left half-written. The text stands in for it.
    let safe_error = match outcome {
        Outcome::Failed(failure) if !failure.panics_when_shown() => failure.as_error(),
        _ => None,
    };
    let error_text = match outcome {
        Outcome::Failed(failure) if safe_error.is_none() => Some(display(failure.chain())),
        Outcome::Panicked(panic) => Some(display(panic.to_string())),
        _ => None,
    };
    let error = safe_error.as_ref().map(|error| error as &dyn Value);
    let error = error.or(error_text.as_ref().map(|text| text as &dyn Value));
    let timeout = task.timeout.filter(|_| outcome.kind() == OutcomeKind::TimedOut).map(debug);
    let cause = if let Outcome::Cancelled(cause) = outcome { Some(display(*cause)) } else { None };
    let reason = if let Outcome::Rejected(reason) = outcome { Some(display(*reason)) } else { None };
    let elapsed = task.elapsed.map(debug);
    let (id, caller) = (display(task.id()), display(task.caller()));
    let (name, kind, message) = (task.name(), outcome.name(), message_of(outcome.kind()));
    let shown = field_values(callsites, &task.values);

    // In the order of `EVENT_FIELDS`.
    let mut fields: Vec<Option<&dyn Value>> = vec![
        Some(&message),
        Some(&name),
        Some(&id),
        Some(&kind),
        elapsed.as_ref().map(|elapsed| elapsed as &dyn Value),
        error,
        timeout.as_ref().map(|timeout| timeout as &dyn Value),
        cause.as_ref().map(|cause| cause as &dyn Value),
        reason.as_ref().map(|reason| reason as &dyn Value),
        Some(&caller),
    ];
    fields.extend(shown.iter().map(|value| value.as_ref().map(FieldValue::as_value)));
    site.emit(&fields);
}

/// For programs that use the `log` crate through tracing's `log` feature, which listens while no subscriber is set.
/// Only tracing's own macro knows whether it does, and it asks for the line only then.
pub(crate) fn log(function: &Function, outcome: &Outcome<'_>, task: impl Fn() -> Option<TaskInfo>) {
    if dispatcher::has_been_set() {
        return;
    }
    let line = Lazy(|f: &mut fmt::Formatter<'_>| {
        task().map_or(Ok(()), |task| fmt::Display::fmt(&Line { task: &task, outcome }, f))
    });
    match level_of(function, outcome) {
        Level::Error => tracing::error!(target: TARGET, "{line}"),
        Level::Warn => tracing::warn!(target: TARGET, "{line}"),
        Level::Info => tracing::info!(target: TARGET, "{line}"),
        Level::Debug => tracing::debug!(target: TARGET, "{line}"),
    }
}

struct Lazy<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Lazy<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// An outcome as one line of text, with the fields of the event.
struct Line<'a> {
    task: &'a TaskInfo,
    outcome: &'a Outcome<'a>,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { task, outcome } = self;
        let message = message_of(outcome.kind());
        write!(f, "{message} task={} task.id={} outcome={}", task.name(), task.id(), outcome.name())?;
        if let Some(elapsed) = task.elapsed {
            write!(f, " elapsed={elapsed:?}")?;
        }
        match outcome {
            Outcome::Completed => {}
            Outcome::Failed(failure) => write!(f, " error={}", failure.chain())?,
            Outcome::Panicked(panic) => write!(f, " error={panic}")?,
            Outcome::TimedOut => write!(f, " timeout={:?}", task.timeout.unwrap_or(Duration::ZERO))?,
            Outcome::Cancelled(cause) => write!(f, " cause={cause}")?,
            Outcome::Rejected(reason) => write!(f, " reason={reason}")?,
        }
        write!(f, " caller={}", task.caller())?;
        task.values().try_for_each(|(name, value)| write!(f, " {name}={value:?}"))
    }
}
