//! The line for users of `log`, where no tracing subscriber was ever set.

use std::fmt;
use std::time::Duration;

use tracing::dispatcher;

use super::callsites::TARGET;
use super::event::{level_of, message_of};
use crate::function::{Function, Level};
use crate::line::on_one_line;
use crate::outcome::Outcome;
use crate::panics;
use crate::roster::{Stop, TaskInfo};

/// For programs that use the `log` crate through tracing's `log` feature, which listens while no subscriber is set.
/// Only tracing's own macro knows whether it does, and it asks for the line only then. A panic of the logger's ends here.
pub(crate) fn log(
    function: &Function,
    outcome: &Outcome<'_>,
    stop: Option<&Stop>,
    task: impl Fn() -> Option<TaskInfo>,
) {
    if dispatcher::has_been_set() {
        return;
    }
    let line = Lazy(|f: &mut fmt::Formatter<'_>| {
        task().map_or(Ok(()), |task| fmt::Display::fmt(&Line { task: &task, outcome }, f))
    });
    let _ = panics::catch(|| match level_of(function, outcome, stop) {
        Level::Error => tracing::error!(target: TARGET, "{line}"),
        Level::Warn => tracing::warn!(target: TARGET, "{line}"),
        Level::Info => tracing::info!(target: TARGET, "{line}"),
        Level::Debug => tracing::debug!(target: TARGET, "{line}"),
    });
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
        write!(f, "{message} task={} task.id={} outcome={}", on_one_line(task.name()), task.id(), outcome.name())?;
        if let Some(elapsed) = task.elapsed {
            write!(f, " elapsed={elapsed:?}")?;
        }
        match outcome {
            Outcome::Completed => {}
            Outcome::Failed(failure) => write!(f, " error={}", failure.chain())?,
            Outcome::Panicked(panic) => write!(f, " error={panic}")?,
            Outcome::TimedOut => write!(f, " timeout={:?}", task.timeout.unwrap_or(Duration::ZERO))?,
            Outcome::Cancelled(cause) => write!(f, " cause={cause}")?,
            Outcome::Rejected(reason) => write!(f, " reason={}", reason.told(task.missed))?,
        }
        write!(f, " caller={}", task.caller())?;
        task.values().try_for_each(|(name, value)| write!(f, " {}={value:?}", on_one_line(name)))
    }
}
