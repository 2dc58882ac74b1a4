//! A task's end as a whole: its outcome, and what it was told before.

use std::time::Duration;

use super::stop::Stop;
use super::task_info::TaskInfo;
use crate::context::Cause;
use crate::function::Function;
use crate::outcome::Outcome;

/// An outcome, and what the task was told before it, if anything.
#[derive(Clone, Copy)]
pub(crate) struct Ending<'a> {
    pub(crate) function: &'static Function,
    pub(crate) outcome: &'a Outcome<'a>,
    stop: Option<&'a Stop>,
}

impl<'a> Ending<'a> {
    pub(crate) fn new(function: &'static Function, outcome: &'a Outcome<'a>, stop: Option<&'a Stop>) -> Self {
        Self { function, outcome, stop }
    }

    pub(crate) fn of(task: &'a TaskInfo, outcome: &'a Outcome<'a>) -> Self {
        Self::new(task.function, outcome, task.stop.as_ref())
    }

    /// Whether a resident ended as a drain has asked it to.
    pub(crate) fn is_asked_for(self) -> bool {
        matches!(self.outcome, Outcome::Completed | Outcome::Cancelled(_))
            && self.stop.is_some_and(|stop| stop.ends_resident(self.function))
    }

    /// Whether the body completed, but only after it was told to stop.
    pub(crate) fn is_late(self) -> bool {
        self.told_late().is_some()
    }

    pub(crate) fn message(self) -> &'static str {
        match self.outcome {
            Outcome::Completed if self.is_late() => "task completed late",
            Outcome::Completed => "task completed",
            Outcome::Failed(_) => "task failed",
            Outcome::TimedOut => "task timed out",
            Outcome::Panicked(_) => "task panicked",
            Outcome::Cancelled(_) => "task cancelled",
            Outcome::Rejected(_) => "task rejected",
        }
    }

    /// The bound that was not kept: the body was cut off at it, or completed only after it.
    pub(crate) fn timeout(self, bound: Option<Duration>) -> Option<Duration> {
        let is_missed = match self.outcome {
            Outcome::TimedOut => true,
            _ => matches!(self.told_late(), Some(Stop::TimedOut)),
        };
        bound.filter(|_| is_missed)
    }

    /// Why the task was cancelled; also if it completed all the same.
    pub(crate) fn cause(self) -> Option<Cause> {
        match (self.outcome, self.told_late()) {
            (Outcome::Cancelled(cause), _) => Some(Cause::clone(cause)),
            (_, None | Some(Stop::TimedOut)) => None,
            (_, Some(stop)) => Some(stop.cause()),
        }
    }

    fn told_late(self) -> Option<&'a Stop> {
        self.stop.filter(|_| matches!(self.outcome, Outcome::Completed) && !self.is_asked_for())
    }
}
