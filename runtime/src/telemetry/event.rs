//! The one event of an outcome.

use tracing::dispatcher;
use tracing::field::{Value, debug, display};

use super::callsites::Callsites;
use super::error_field::{ErrorField, chain};
use super::field_value::{field_values, fields};
use super::site::{Site, Within, is_on};
use crate::context::Cause;
use crate::function::{Function, Level};
use crate::milliseconds::milliseconds;
use crate::outcome::Outcome;
use crate::panics;
use crate::roster::{Ending, Stop, TaskInfo};

/// Whether there is a subscriber, whichever it is, that may want to hear of the outcome.
#[inline]
pub(crate) fn may_be_heard(
    function: &'static Function,
    outcome: &Outcome<'_>,
    stop: impl FnOnce() -> Option<Stop>,
) -> bool {
    dispatcher::has_been_set() && is_on(Ending::new(function, outcome, stop().as_ref()).level().into())
}

/// Whether there is a subscriber that may want to hear of a task that completed as it should.
#[inline]
pub(crate) fn completions_may_be_heard() -> bool {
    dispatcher::has_been_set() && is_on(tracing::Level::DEBUG)
}

/// Whether a subscriber listens for the outcome, so that it is worth describing the task.
#[inline]
pub(crate) fn is_heard(
    function: &'static Function,
    outcome: &Outcome<'_>,
    stop: impl FnOnce() -> Option<Stop>,
) -> bool {
    dispatcher::has_been_set() && site(function, Ending::new(function, outcome, stop().as_ref())).is_some()
}

/// Tells the subscriber of an outcome. A panic of its own ends here; it is handed nothing that panics.
pub(crate) fn emit(task: &TaskInfo, outcome: &Outcome<'_>, within: Within) {
    let ending = Ending::of(task, outcome);
    if let Some((site, callsites)) = site(task.function, ending) {
        let _ = panics::catch(|| emit_at(site, callsites, task, ending, within));
    }
}

impl Ending<'_> {
    pub(super) fn level(self) -> Level {
        match self.outcome {
            _ if self.is_asked_for() => Level::Info,
            _ if self.is_late() => Level::Warn,
            Outcome::Completed => Level::Debug,
            Outcome::Failed(_) | Outcome::TimedOut => self.function.options.level,
            Outcome::Panicked(_) | Outcome::Rejected(_) => Level::Error,
            Outcome::Cancelled(Cause::Shutdown | Cause::RuntimeStopped) => Level::Warn,
            Outcome::Cancelled(_) => Level::Info,
        }
    }
}

/// The callsite of the function's events of that level, if the current subscriber wants it.
fn site(function: &'static Function, ending: Ending<'_>) -> Option<(&'static Site, &'static Callsites)> {
    let callsites = Callsites::of(function)?;
    let site = callsites.event(ending.level());
    site.is_enabled().then_some((site, callsites))
}

fn emit_at(site: &Site, callsites: &Callsites, task: &TaskInfo, ending: Ending<'_>, within: Within) {
    let outcome = ending.outcome;
    let (error, chain) = (ErrorField::of(outcome), chain(outcome));
    let timeout = ending.timeout(task.timeout).map(debug);
    let cause = ending.cause().map(display);
    let reason = if let Outcome::Rejected(reason) = outcome { Some(display(reason.told(task.missed))) } else { None };
    let elapsed = task.elapsed.map(milliseconds);
    let (id, caller) = (display(task.id()), display(task.caller()));
    let (kind, message) = (outcome.name(), ending.message());
    let shown = field_values(callsites, &task.values);

    // In the order of `EVENT_FIELDS`.
    let own: [Option<&dyn Value>; 11] = [
        Some(&message),
        Some(&callsites.task),
        Some(&id),
        Some(&kind),
        elapsed.as_ref().map(|elapsed| elapsed as &dyn Value),
        error.as_ref().map(ErrorField::as_value),
        chain.as_ref().map(|chain| chain as &dyn Value),
        timeout.as_ref().map(|timeout| timeout as &dyn Value),
        cause.as_ref().map(|cause| cause as &dyn Value),
        reason.as_ref().map(|reason| reason as &dyn Value),
        Some(&caller),
    ];
    site.emit(&fields(&own, &shown), within);
}
