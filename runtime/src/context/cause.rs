//! `Cause`: why a context was cancelled.

use std::borrow::Cow;
use std::fmt;

use crate::line::on_one_line;

/// Why a context or a task was cancelled. `Display` keeps it on one line: a control character stands as its escape.
///
/// ```
/// use detached::{Cause, Context};
///
/// let context = Context::new();
/// assert_eq!(context.cause(), None);
/// context.cancel(Cause::Disconnected);
/// context.cancel("too late: the first cause stays");
/// assert_eq!(context.cause(), Some(Cause::Disconnected));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The request was answered; its context is over.
    Completed,
    /// The client went away before the answer was complete.
    Disconnected,
    /// The request's handler panicked, or its service or the body of its answer gave an error.
    Failed,
    /// The deadline passed.
    TimedOut,
    /// The supervisor drains.
    Shutdown,
    /// The tokio runtime that the task ran in stopped, or had stopped before the call.
    RuntimeStopped,
    /// The program said so, in its own words.
    Explicit(Cow<'static, str>),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Completed => "completed",
            Self::Disconnected => "disconnected",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Shutdown => "shutdown",
            Self::RuntimeStopped => "runtime stopped",
            Self::Explicit(text) => return f.write_str(&on_one_line(text)),
        })
    }
}

impl From<&'static str> for Cause {
    fn from(text: &'static str) -> Self {
        Self::Explicit(Cow::Borrowed(text))
    }
}

impl From<String> for Cause {
    fn from(text: String) -> Self {
        Self::Explicit(Cow::Owned(text))
    }
}
