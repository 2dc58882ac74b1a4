//! Why a task is to stop.

use std::sync::Arc;

use crate::context::Cause;
use crate::function::Function;

/// Why a task is to stop.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    TimedOut,
    StartTimedOut,
    Displaced,
    /// By the program.
    Cancelled(Arc<Cause>),
    /// By a drain.
    Shutdown,
    /// Nobody polls it any more.
    RuntimeStopped,
}

impl Stop {
    /// Whether it is the end that a resident of that function is asked for, by a drain.
    pub(crate) fn ends_resident(&self, function: &Function) -> bool {
        matches!(self, Self::Shutdown) && function.is_resident()
    }

    pub(crate) fn cause(&self) -> Cause {
        match self {
            Self::TimedOut | Self::StartTimedOut => Cause::TimedOut,
            Self::Displaced => Cause::Explicit("displaced by a newer call".into()),
            Self::Cancelled(cause) => Cause::clone(cause),
            Self::Shutdown => Cause::Shutdown,
            Self::RuntimeStopped => Cause::RuntimeStopped,
        }
    }
}
