//! The one event of an outcome.

use tracing::dispatcher;
use tracing::field::{Value, debug, display};

use super::callsites::Callsites;
use super::error_field::ErrorField;
use super::field_value::{FieldValue, field_values};
use super::site::Site;
use crate::context::Cause;
use crate::function::{Function, Level};
use crate::line::on_one_line;
use crate::outcome::{Outcome, OutcomeKind};
use crate::panics;
use crate::roster::{Stop, TaskInfo};

/// Whether a subscriber listens for the outcome, so that it is worth describing the task.
#[inline]
pub(crate) fn is_heard(function: &'static Function, outcome: &Outcome<'_>, stop: Option<&Stop>) -> bool {
    dispatcher::has_been_set() && site(function, level_of(function, outcome, stop)).is_some()
}

/// Tells the subscriber of an outcome. A panic of its own ends here; it is handed nothing that panics.
pub(crate) fn emit(task: &TaskInfo, outcome: &Outcome<'_>) {
    if let Some((site, callsites)) = site(task.function, level_of(task.function, outcome, task.stop.as_ref())) {
        let _ = panics::catch(|| emit_at(site, callsites, task, outcome));
    }
}

/// The callsite of the function's events of that level, if the current subscriber wants it.
fn site(function: &'static Function, level: Level) -> Option<(&'static Site, &'static Callsites)> {
    let callsites = Callsites::of(function)?;
    let site = callsites.event(level);
    site.is_enabled().then_some((site, callsites))
}

/// The level of the event of an outcome; `stop` is what the task was told before it, if anything.
pub(super) fn level_of(function: &Function, outcome: &Outcome<'_>, stop: Option<&Stop>) -> Level {
    match outcome {
        Outcome::Completed | Outcome::Cancelled(_) if stop.is_some_and(|stop| stop.ends_resident(function)) => {
            Level::Info
        }
        Outcome::Completed => Level::Debug,
        Outcome::Failed(_) | Outcome::TimedOut => function.options.level,
        Outcome::Panicked(_) | Outcome::Rejected(_) => Level::Error,
        Outcome::Cancelled(Cause::Shutdown | Cause::RuntimeStopped) => Level::Warn,
        Outcome::Cancelled(_) => Level::Info,
    }
}

pub(super) fn message_of(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Completed => "task completed",
        OutcomeKind::Failed => "task failed",
        OutcomeKind::TimedOut => "task timed out",
        OutcomeKind::Panicked => "task panicked",
        OutcomeKind::Cancelled => "task cancelled",
        OutcomeKind::Rejected => "task rejected",
    }
}

fn emit_at(site: &Site, callsites: &Callsites, task: &TaskInfo, outcome: &Outcome<'_>) {
    let error = ErrorField::of(outcome);
    let timeout = task.timeout.filter(|_| outcome.kind() == OutcomeKind::TimedOut).map(debug);
    let cause = if let Outcome::Cancelled(cause) = outcome { Some(display(*cause)) } else { None };
    let reason = if let Outcome::Rejected(reason) = outcome { Some(display(reason.told(task.missed))) } else { None };
    let elapsed = task.elapsed.map(debug);
    let (id, caller) = (display(task.id()), display(task.caller()));
    let name = &*on_one_line(task.name());
    let (kind, message) = (outcome.name(), message_of(outcome.kind()));
    let shown = field_values(callsites, &task.values);

    // In the order of `EVENT_FIELDS`.
    let mut fields: Vec<Option<&dyn Value>> = vec![
        Some(&message),
        Some(&name),
        Some(&id),
        Some(&kind),
        elapsed.as_ref().map(|elapsed| elapsed as &dyn Value),
        error.as_ref().map(ErrorField::as_value),
        timeout.as_ref().map(|timeout| timeout as &dyn Value),
        cause.as_ref().map(|cause| cause as &dyn Value),
        reason.as_ref().map(|reason| reason as &dyn Value),
        Some(&caller),
    ];
    fields.extend(shown.iter().map(|value| value.as_ref().map(FieldValue::as_value)));
    site.emit(&fields);
}
