//! `TaskError`: what awaiting a task can give besides the value.

use std::fmt;

use super::reason::Reason;
use crate::context::Cause;

/// Why awaiting a task gave no value.
///
/// An error that the function itself returned is a value: it comes inside `Ok`, as the function returned it.
///
/// ```
/// use detached::{background, TaskError};
/// use std::time::Duration;
///
/// #[background(timeout = "1s")]
/// async fn slow() {
///     tokio::time::sleep(Duration::from_secs(60)).await;
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let error = slow().await.unwrap_err();
/// assert_eq!(error, TaskError::TimedOut);
/// assert_eq!(error.to_string(), "the task timed out");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskError {
    /// The body did not end within its timeout.
    TimedOut,
    /// The body panicked; the event of the outcome says what and where.
    Panicked,
    /// The task was cancelled, or its tokio runtime stopped ([`Cause::RuntimeStopped`]), before the body ended.
    Cancelled(Cause),
    /// The body was never started.
    Rejected(Reason),
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("the task timed out"),
            Self::Panicked => f.write_str("the task panicked"),
            Self::Cancelled(cause) => write!(f, "the task was cancelled: {cause}"),
            Self::Rejected(reason) => write!(f, "the call was rejected: {reason}"),
        }
    }
}

impl std::error::Error for TaskError {}
