//! How a task ended: the closed set of outcomes.

use std::fmt;

use super::failure::Failure;
use super::reason::Reason;
use crate::context::{Cause, Missed};
use crate::panics::Panic;

/// How a task ended. Every call ends in exactly one of these.
///
/// An [`Observer`](crate::Observer) is handed one for every call.
///
/// ```
/// use detached::{Observer, Outcome, TaskInfo};
///
/// struct CountFailures(std::sync::atomic::AtomicU64);
///
/// impl Observer for CountFailures {
///     fn on_end(&self, _: &TaskInfo, outcome: &Outcome<'_>) {
///         if let Outcome::Failed(_) | Outcome::Panicked(_) | Outcome::TimedOut = outcome {
///             self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub enum Outcome<'a> {
    /// The body returned, and what it returned is no error.
    Completed,
    /// The body returned an error.
    Failed(Failure<'a>),
    /// The body did not end within its timeout.
    TimedOut,
    /// The body, or the drop of what it held, panicked.
    Panicked(&'a Panic),
    /// The task was cancelled before the body ended.
    Cancelled(&'a Cause),
    /// The body was never started.
    Rejected(&'a Reason),
}

impl Outcome<'_> {
    /// The outcome's name, as events and metrics carry it: `completed`, `failed`, `timed_out`, `panicked`,
    /// `cancelled` or `rejected`.
    ///
    /// ```
    /// assert_eq!(detached::Outcome::TimedOut.name(), "timed_out");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind().name()
    }

    /// Which of the six it is, without what it says.
    ///
    /// ```
    /// use detached::{Outcome, OutcomeKind};
    /// assert_eq!(Outcome::TimedOut.kind(), OutcomeKind::TimedOut);
    /// ```
    #[must_use]
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Completed => OutcomeKind::Completed,
            Self::Failed(_) => OutcomeKind::Failed,
            Self::TimedOut => OutcomeKind::TimedOut,
            Self::Panicked(_) => OutcomeKind::Panicked,
            Self::Cancelled(_) => OutcomeKind::Cancelled,
            Self::Rejected(_) => OutcomeKind::Rejected,
        }
    }

    /// What it says beyond its name, with the name of the field that says it: the error with its sources, the panic, the
    /// cause, the reason. `missed` is what the call knows of a value that it misses.
    pub(crate) fn said(&self, missed: Option<Missed>) -> Option<(&'static str, String)> {
        match self {
            Self::Completed | Self::TimedOut => None,
            Self::Failed(failure) => Some(("error", failure.chain())),
            Self::Panicked(panic) => Some(("error", panic.to_string())),
            Self::Cancelled(cause) => Some(("cause", cause.to_string())),
            Self::Rejected(reason) => Some(("reason", reason.told(missed))),
        }
    }
}

/// Which of the six outcomes, without what it says: to count by, and to list by.
///
/// ```
/// use detached::OutcomeKind;
/// assert_eq!(OutcomeKind::ALL.len(), 6);
/// assert_eq!(OutcomeKind::TimedOut.name(), "timed_out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeKind {
    /// [`Outcome::Completed`].
    Completed,
    /// [`Outcome::Failed`].
    Failed,
    /// [`Outcome::TimedOut`].
    TimedOut,
    /// [`Outcome::Panicked`].
    Panicked,
    /// [`Outcome::Cancelled`].
    Cancelled,
    /// [`Outcome::Rejected`].
    Rejected,
}

impl OutcomeKind {
    /// All six, in the order in which tables list them.
    pub const ALL: [Self; 6] =
        [Self::Completed, Self::Failed, Self::TimedOut, Self::Panicked, Self::Cancelled, Self::Rejected];

    /// The name, as events and metrics carry it.
    ///
    /// ```
    /// assert_eq!(detached::OutcomeKind::Completed.name(), "completed");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
        }
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
