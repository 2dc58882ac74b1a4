//! The line for users of `log`, where no tracing subscriber was ever set.

use std::fmt;

use super::callsites::Callsites;
use super::site;
use crate::function::Function;
use crate::line::on_one_line;
use crate::milliseconds::milliseconds;
use crate::outcome::Outcome;
use crate::panics;
use crate::roster::{Ending, Stop, TaskInfo};

/// For programs that use the `log` crate through tracing's `log` feature, which listens while no subscriber is set. The task
/// is asked for only if the logger wants the line. A panic of the logger's ends here.
#[inline]
pub(crate) fn log(
    function: &'static Function,
    outcome: &Outcome<'_>,
    stop: impl FnOnce() -> Option<Stop>,
    task: impl Fn() -> Option<TaskInfo>,
) {
    if site::is_logging() {
        let _ = panics::catch(|| log_at(function, outcome, stop().as_ref(), &task));
    }
}

fn log_at(
    function: &'static Function,
    outcome: &Outcome<'_>,
    stop: Option<&Stop>,
    task: &dyn Fn() -> Option<TaskInfo>,
) -> Option<()> {
    let site = Callsites::of(function)?.event(Ending::new(function, outcome, stop).level());
    site.log(&Line { task, outcome });
    Some(())
}

/// An outcome as one line of text, with the fields of the event.
struct Line<'a> {
    task: &'a dyn Fn() -> Option<TaskInfo>,
    outcome: &'a Outcome<'a>,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(task) = (self.task)() else { return Ok(()) };
        let ending = Ending::of(&task, self.outcome);
        let (message, name, outcome) = (ending.message(), on_one_line(task.name()), self.outcome.name());
        write!(f, "{message} task={name} task.id={} outcome={outcome}", task.id())?;
        if let Some(elapsed) = task.elapsed {
            write!(f, " elapsed_ms={:?}", milliseconds(elapsed))?;
        }
        if let Some(timeout) = ending.timeout(task.timeout) {
            write!(f, " timeout={timeout:?}")?;
        }
        match (self.outcome.said(task.missed), ending.cause()) {
            (Some((field, text)), _) => write!(f, " {field}={text}")?,
            (None, Some(cause)) => write!(f, " cause={cause}")?,
            (None, None) => {}
        }
        write!(f, " caller={}", task.caller())?;
        task.values().try_for_each(|(name, value)| write!(f, " {}={value:?}", on_one_line(name)))
    }
}
