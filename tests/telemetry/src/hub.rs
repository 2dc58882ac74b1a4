//! A carrier for sentry's hub, and an observer that reports to it.

use std::sync::Arc;

use detached::{Capture, Inherit, Observer, Outcome, TaskInfo, ValueError};
use sentry::{Hub, Level, Scope};

/// Carries the caller's hub: its user, its tags and its breadcrumbs, as they are at the call.
pub static HUB: CallersHub = CallersHub;

/// The type of [`HUB`].
#[derive(Debug)]
pub struct CallersHub;

impl Inherit for CallersHub {
    type Captured = Arc<Hub>;

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<Arc<Hub>>, ValueError> {
        // A copy: what the request notes later is none of the task's, nor the other way round.
        Ok(Some(Arc::new(Hub::new_from_top(Hub::current()))))
    }

    fn enter<R>(&'static self, hub: &Arc<Hub>, run: impl FnOnce() -> R) -> R {
        Hub::run(Arc::clone(hub), run)
    }
}

/// Reports what goes wrong in a task. It runs where the task ran, so its carriers are in place.
#[derive(Debug)]
pub struct ToSentry;

impl Observer for ToSentry {
    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        let describe = |scope: &mut Scope| {
            scope.set_tag("task", task.name());
            scope.set_tag("outcome", outcome.name());
            scope.set_extra("caller", task.caller().to_string().into());
            for (name, value) in task.values() {
                scope.set_extra(name, format!("{value:?}").into());
            }
        };
        let report = || match outcome {
            Outcome::Failed(failure) => match failure.as_error() {
                Some(error) => Some(sentry::capture_error(error)),
                None => Some(sentry::capture_message(&failure.to_string(), Level::Error)),
            },
            Outcome::TimedOut => Some(sentry::capture_message(&format!("{} timed out", task.name()), Level::Error)),
            Outcome::Rejected(reason) => Some(sentry::capture_message(&reason.to_string(), Level::Error)),
            // Of a panic sentry's own hook has told, from the place where it happened.
            Outcome::Completed | Outcome::Cancelled(_) | Outcome::Panicked(_) => None,
        };
        sentry::with_scope(describe, report);
    }
}
