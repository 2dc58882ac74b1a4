//! How long jobs run, as far as it says how many may be claimed ahead of the room for them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A running average of how long jobs ran.
pub(crate) struct Pace {
    micros: AtomicU64,
}

/// How much work may wait in the worker, where another one could do it, in microseconds.
const AHEAD: u64 = 5_000;

/// How many jobs that are at most: to claim more of them at once is hardly cheaper.
const AT_MOST: usize = 10;

impl Pace {
    /// Of jobs that nobody knows yet: none is claimed ahead.
    pub(crate) fn new() -> Self {
        Self { micros: AtomicU64::new(1_000_000) }
    }

    /// A job ran so long.
    pub(crate) fn note(&self, ran: Duration) {
        let ran = u64::try_from(ran.as_micros()).unwrap_or(u64::MAX);
        // Relaxed: an average that misses one of two jobs that end at the same time is as good.
        let before = self.micros.load(Ordering::Relaxed);
        self.micros.store(before - before / 8 + ran / 8, Ordering::Relaxed);
    }

    /// How many jobs may be claimed ahead of the room for them: as many as are run within a few milliseconds.
    pub(crate) fn ahead(&self) -> usize {
        let ahead = AHEAD / self.micros.load(Ordering::Relaxed).max(1);
        usize::try_from(ahead).unwrap_or(AT_MOST).min(AT_MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_jobs_are_claimed_ahead_and_long_ones_are_not() {
        let pace = Pace::new();
        assert_eq!(pace.ahead(), 0);
        (0..100).for_each(|_| pace.note(Duration::from_micros(100)));
        assert_eq!(pace.ahead(), 10);
        (0..100).for_each(|_| pace.note(Duration::from_millis(2)));
        assert_eq!(pace.ahead(), 2);
        pace.note(Duration::from_secs(30));
        assert_eq!(pace.ahead(), 0);
    }
}
