//! Why a task is to stop.

use std::sync::Arc;

use crate::context::Cause;

/// Why a task is to stop.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    TimedOut,
    StartTimedOut,
    Displaced,
    Cancelled(Arc<Cause>),
}

impl Stop {
    pub(crate) fn cause(&self) -> Cause {
        match self {
            Self::TimedOut | Self::StartTimedOut => Cause::TimedOut,
            Self::Displaced => Cause::Explicit("displaced by a newer call".into()),
            Self::Cancelled(cause) => Cause::clone(cause),
        }
    }
}
