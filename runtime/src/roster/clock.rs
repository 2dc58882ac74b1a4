//! Instants as one word: nanoseconds since a supervisor's epoch.

use std::time::Duration;

use tokio::time::Instant;

use crate::now::now;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Nanoseconds since the supervisor's epoch; 584 years fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticks(pub(crate) u64);

impl Ticks {
    pub(crate) const NEVER: Self = Self(u64::MAX);

    #[inline]
    pub(crate) fn plus(self, bound: Duration) -> Self {
        Self(self.0.saturating_add(nanos(bound)))
    }

    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// What is too long saturates: it is as good as for ever.
#[inline]
fn nanos(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(duration.subsec_nanos()))
}

/// A supervisor's epoch.
#[derive(Clone, Copy)]
pub(crate) struct Epoch(Instant);

impl Epoch {
    /// Well before all instants that are to be compared: the paused clock of one runtime may stand far ahead of the
    /// clock of another, and a supervisor may serve both.
    pub(crate) fn new() -> Self {
        let now = now().min(std::time::Instant::now().into());
        // Some systems' clocks begin with the machine and cannot go back beyond.
        Self(now.checked_sub(DAY).unwrap_or(now))
    }

    /// Now, by the clock of the runtime this runs in: a paused one stands still.
    #[inline]
    pub(crate) fn ticks(self) -> Ticks {
        self.at(now())
    }

    #[inline]
    pub(crate) fn at(self, instant: Instant) -> Ticks {
        Ticks(nanos(instant.saturating_duration_since(self.0)))
    }

    /// `None` for what no instant can express, [`Ticks::NEVER`] included.
    pub(crate) fn instant(self, ticks: Ticks) -> Option<Instant> {
        if ticks == Ticks::NEVER { None } else { self.0.checked_add(Duration::from_nanos(ticks.0)) }
    }
}
