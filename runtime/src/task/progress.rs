//! How far a task has come, and the one moment that its frame has to know of there: so the frame stays small.

use tokio::time::Instant;

/// How far a task has come.
#[derive(Clone, Copy)]
pub(super) enum Progress {
    /// It has not started, and does not once its bound is over; with a `limit`, that is known from its turn.
    Called { deadline: Option<Instant> },
    /// Its body runs.
    Started { started: Instant },
    /// Its body has waited: the roster can wake the task since.
    Parked { started: Instant },
    /// It has its outcome.
    Ended { started: Option<Instant> },
}

impl Progress {
    /// When the body started, if it did.
    #[inline]
    pub(super) fn started(self) -> Option<Instant> {
        match self {
            Self::Called { .. } => None,
            Self::Started { started } | Self::Parked { started } => Some(started),
            Self::Ended { started } => started,
        }
    }
}
