//! The event of an observer's panic.

use tracing::field::{Value, display};

use super::callsites::Callsites;
use super::site::{self, Within};
use crate::line::on_one_line;
use crate::panics::{self, Panic};
use crate::roster::TaskInfo;

const MESSAGE: &str = "an observer panicked";

/// Tells the subscriber, or the logger where none was ever set. A panic of theirs ends here: the other observers are
/// still to be told of the task. It is in no span: neither the task nor the caller has failed.
#[cold]
pub(crate) fn observer_panicked(task: &TaskInfo, panic: &Panic) {
    let Some(callsites) = Callsites::of(task.function) else { return };
    let site = &callsites.observer;
    let (name, id) = (on_one_line(task.name()), task.id());
    let _ = panics::catch(|| {
        if site::is_logging() {
            site.log(&format_args!("{MESSAGE} task={name} task.id={id} error={panic}"));
        } else if site.is_enabled() {
            let (name, id, error) = (&*name, display(id), display(panic));
            let fields: [&dyn Value; 4] = [&MESSAGE, &name, &id, &error];
            site.emit(&fields.map(Some), Within::Span(None));
        }
    });
}
