//! `Reason`: why a call was rejected.

use std::fmt;

use crate::context::{Missed, ValueError};
use crate::line::on_one_line;

/// Why a call was rejected: its body was never started.
///
/// ```
/// use detached::{background, Reason, TaskError};
///
/// #[background(timeout = "5s", inherit = ["user_id"])]
/// async fn audit() {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// // No context is in place here, so there is no user id to inherit.
/// let error = audit().await.unwrap_err();
/// assert_eq!(error, TaskError::Rejected(Reason::MissingValue { name: "user_id" }));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A value that the function requires is not in the origin, or there is no origin to have it: the call was made where
    /// no context is in place. The event of the outcome says which.
    MissingValue {
        /// The value's name, or the carrier's.
        name: &'static str,
    },
    /// A value that the function requires is in the origin, and of another type.
    WrongType(
        /// Names both types.
        ValueError,
    ),
    /// The call was made outside a tokio runtime, and the supervisor was given none of its own
    /// ([`runtime`](crate::SupervisorBuilder::runtime)).
    NoRuntime,
    /// The function needs a timer, for its `timeout`, its `grace`, its `start_timeout` or `origin = "follow"`, and the tokio
    /// runtime was built without `enable_time`.
    ///
    /// tokio tells of that by a panic only. The first such call of a runtime asks for it and contains it: a panic hook that
    /// was set before the first supervisor was made does not see it, one that was chained later sees it once a runtime.
    /// In a panic hook nobody can be asked; where that makes the first such call of a runtime without timers, the task
    /// times out before it starts.
    ///
    /// Under `panic = "abort"` no panic can be contained: such a call ends the process, with tokio's message. Build the
    /// runtime with `enable_time` or `enable_all`.
    NoTimeDriver,
    /// The `timeout` expression gave zero.
    ZeroTimeout,
    /// The supervisor drains, or has drained.
    Draining,
    /// The supervisor's `max_tasks` is reached.
    SupervisorFull,
    /// The `limit` expression gave zero.
    ZeroLimit,
    /// The `limit` expression panicked. The next call asks it again.
    LimitPanicked,
    /// The function's `limit` is reached, and it does not wait.
    LimitReached,
    /// The function's `limit` is reached, and so many wait already that its `queue` is full.
    QueueFull,
    /// The task waited as long as `start_timeout` allows.
    StartTimedOut,
    /// A newer call took the place in the queue (`overflow = "drop_oldest"`).
    Displaced,
    /// A carrier panicked while it captured its value.
    CarrierPanicked,
    /// The call would have been the global supervisor's, which a test has refuse all calls (`testing::refuse_global`).
    GlobalRefused,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::MissingValue { name } => {
                return write!(f, "the value `{}` is required and there was none to inherit", on_one_line(name));
            }
            Self::WrongType(error) => return error.fmt(f),
            Self::NoRuntime => {
                "called outside a tokio runtime; call it inside one, or give the supervisor a runtime handle"
            }
            Self::NoTimeDriver => "the tokio runtime has no timers; build it with `enable_time` or `enable_all`",
            Self::ZeroTimeout => "the timeout is zero",
            Self::Draining => "the supervisor is draining",
            Self::SupervisorFull => "the supervisor's `max_tasks` is reached",
            Self::ZeroLimit => "the limit is zero",
            Self::LimitPanicked => "the expression of its `limit` panicked",
            Self::LimitReached => "the function's `limit` is reached",
            Self::QueueFull => "the function's `queue` is full",
            Self::StartTimedOut => "it waited for its `start_timeout` and could not start",
            Self::Displaced => "a newer call took its place in the queue",
            Self::CarrierPanicked => "a carrier panicked while it captured its value",
            Self::GlobalRefused => "a test refuses all calls of the global supervisor",
        };
        f.write_str(text)
    }
}

impl Reason {
    /// As the report of one call tells it, which knows more than the reason: where a missing value was looked for.
    pub(crate) fn told(&self, missed: Option<Missed>) -> String {
        let (Self::MissingValue { name }, Some(missed)) = (self, missed) else { return self.to_string() };
        let lack = match missed {
            Missed::InContext => "the caller's context has none",
            Missed::NoContext => {
                "no context is in place here; hand it over with `context.scope(..)`, `in_scope` or `#[context]` \
                 (`context.scope(f(..))` calls before its scope begins: write `context.scope(async { f(..).await })`)"
            }
        };
        format!("the value `{}` is required and {lack}", on_one_line(name))
    }
}
