//! The instants of alarms as one word: nanoseconds since an epoch of the process. To make one of an instant costs more than
//! to read the clock, so all else stays an instant.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

use crate::now::now;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Nanoseconds since the epoch; 584 years fit. A paused clock has its own, as it has its own instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticks(pub(crate) u64);

impl Ticks {
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// Now, by the clock of the runtime this runs in: a paused one stands still.
    #[inline]
    pub(crate) fn now() -> Self {
        Self::of(now())
    }

    #[inline]
    pub(crate) fn of(instant: Instant) -> Self {
        Self(nanos(instant.saturating_duration_since(epoch())))
    }

    /// `NEVER` without one.
    #[inline]
    pub(crate) fn of_deadline(deadline: Option<Instant>) -> Self {
        deadline.map_or(Self::NEVER, Self::of)
    }

    #[inline]
    pub(crate) fn plus(self, bound: Duration) -> Self {
        Self(self.0.saturating_add(nanos(bound)))
    }

    /// `None` for what no instant can express, [`NEVER`](Self::NEVER) included.
    pub(crate) fn instant(self) -> Option<Instant> {
        if self == Self::NEVER { None } else { epoch().checked_add(Duration::from_nanos(self.0)) }
    }
}

/// What is too long saturates: it is as good as for ever.
#[inline]
fn nanos(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(duration.subsec_nanos()))
}

/// Well before all instants that are to be compared: the paused clock of one runtime may stand far ahead of the clock of
/// another, and a supervisor may serve both.
#[inline]
pub(super) fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(|| {
        let now = now().min(std::time::Instant::now().into());
        // Some systems' clocks begin with the machine and cannot go back beyond.
        now.checked_sub(DAY).unwrap_or(now)
    })
}
