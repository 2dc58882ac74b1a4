//! Who is told how a task ended: asked first, so that nobody is described for whom nobody listens.

use tokio::time::Instant;

use super::report;
use crate::ambient;
use crate::context::TaskKey;
use crate::function::Function;
use crate::now::now;
use crate::outcome::{Failure, Outcome};
use crate::panics;
use crate::roster::{Stop, TaskInfo};
use crate::supervisor::Supervisor;
use crate::telemetry::{self, Within};

/// How the error inside a returned value is shown, if it is one; picked at compile time by the value's type.
pub(super) type Classify<T> = fn(&T) -> Option<Failure<'_>>;

/// What has to be known of a task to tell how it ended, besides its supervisor.
#[derive(Clone, Copy)]
pub(super) struct Telling {
    pub(super) function: &'static Function,
    pub(super) key: TaskKey,
    pub(super) started: Option<Instant>,
}

/// Whether a body has completed, by what is known where it was polled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Completion {
    /// It has not, or returned an error.
    None,
    /// It has, and that is yet to be told to who listens.
    Untold,
    Told,
}

impl Completion {
    /// Of a body that has completed, where its task's subscriber and the rest are still in place: to tell it here spares
    /// putting them there once more.
    #[inline]
    pub(super) fn of(telling: Option<Telling>) -> Self {
        match telling {
            Some(telling) if telling.tell_of_completion() => Self::Told,
            _ => Self::Untold,
        }
    }
}

impl Telling {
    /// `false` where nothing is in place, for the thread is being torn down: it is for others to tell.
    #[inline(never)]
    fn tell_of_completion(self) -> bool {
        let Some(supervisor) = ambient::try_supervisor() else { return false };
        // Nothing that happens while it is told may keep the task from its end.
        let _ = panics::catch(|| self.tell(&supervisor, &Outcome::Completed, ambient::has_context()));
        true
    }

    /// Tells those who listen here. `has_context` says whether the task's context was asked for.
    pub(super) fn tell(self, supervisor: &Supervisor, outcome: &Outcome<'_>, has_context: bool) {
        if self.is_heard(supervisor, outcome, has_context) {
            if let Some(task) = self.info(supervisor, has_context) {
                report::end(supervisor, &task, outcome, Within::Current);
            }
        } else {
            self.log(supervisor, outcome, has_context);
        }
    }

    /// Whether a subscriber or an observer listens here.
    #[inline]
    pub(super) fn is_heard(self, supervisor: &Supervisor, outcome: &Outcome<'_>, has_context: bool) -> bool {
        report::is_heard(supervisor, self.function, outcome, || self.stop(supervisor, has_context))
    }

    /// For programs that log by another way.
    #[inline]
    pub(super) fn log(self, supervisor: &Supervisor, outcome: &Outcome<'_>, has_context: bool) {
        let stop = || self.stop(supervisor, has_context);
        telemetry::log(self.function, outcome, stop, || self.info(supervisor, has_context));
    }

    /// The task as it is now.
    pub(super) fn info(self, supervisor: &Supervisor, has_context: bool) -> Option<TaskInfo> {
        let now = supervisor.now();
        let mut task = supervisor.roster().with(self.key, |entry| TaskInfo::of_entry(entry, self.started, now))?;
        task.stop = task.stop.or_else(|| if has_context { told_by_context(task.deadline, || now) } else { None });
        Some(task)
    }

    /// What the task was told before its end, if anything.
    pub(super) fn stop(self, supervisor: &Supervisor, has_context: bool) -> Option<Stop> {
        let deadline = || supervisor.roster().with(self.key, |entry| entry.bound.deadline).flatten();
        let stopped = supervisor.roster().stopped(self.key);
        stopped.or_else(|| if has_context { told_by_context(deadline(), now) } else { None })
    }
}

/// What the body may have heard from its context, whose deadline can be the first to say that the time is over.
fn told_by_context(deadline: Option<Instant>, now: impl FnOnce() -> Instant) -> Option<Stop> {
    deadline.is_some_and(|deadline| deadline <= now()).then_some(Stop::TimedOut)
}
