//! `Backoff`: the pause between an attempt that failed and the next.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// The pause between an attempt that failed and the next: it doubles from attempt to attempt, up to a longest one, and up
/// to half of it is taken off at random, so that what failed together is not tried again together.
///
/// By default from one second to 15 minutes.
///
/// ```
/// use detached::durable::Backoff;
/// use std::time::Duration;
///
/// let pause = Backoff::DEFAULT.after(3); // three attempts have failed
/// assert!(pause >= Duration::from_secs(2) && pause <= Duration::from_secs(4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// From one second to 15 minutes.
    pub const DEFAULT: Self = Self::new(Duration::from_secs(1), Duration::from_secs(15 * 60));

    /// From `first`, after the first attempt, to `longest`. Where the two are the same, every pause is that one to the
    /// letter.
    ///
    /// ```
    /// # use detached::durable::Backoff;
    /// # use std::time::Duration;
    /// let minutely = Backoff::new(Duration::from_secs(60), Duration::from_secs(60));
    /// assert_eq!(minutely.after(7), Duration::from_secs(60));
    /// ```
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The pause after so many attempts, by a random number of its own.
    ///
    /// ```
    /// # use detached::durable::Backoff;
    /// assert!(Backoff::DEFAULT.after(1) <= std::time::Duration::from_secs(1));
    /// ```
    #[must_use]
    pub fn after(&self, attempts: u32) -> Duration {
        if self.first == self.longest {
            return self.first;
        }
        let doubled = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let whole = self.first.saturating_mul(doubled).min(self.longest);
        whole.mul_f64(1.0 - random() / 2.0)
    }
}

/// From zero to below one. The standard library seeds each of its hashers anew, which is random enough for a pause.
fn random() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(()) >> 32).unwrap_or(0);
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_up_to_the_longest_and_loses_at_most_half() {
        let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(10));
        for (attempts, whole) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (40, 10), (u32::MAX, 10)] {
            let whole = Duration::from_secs(whole);
            for _ in 0..50 {
                let pause = backoff.after(attempts);
                assert!(pause > whole / 2 && pause <= whole, "{pause:?} after {attempts}");
            }
        }
    }

    #[test]
    fn two_pauses_differ() {
        let pauses: Vec<_> = (0..8).map(|_| Backoff::DEFAULT.after(9)).collect();
        assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{pauses:?}");
    }
}
