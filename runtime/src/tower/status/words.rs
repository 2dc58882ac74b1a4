//! Numbers and times as people write them.

use std::fmt;
use std::time::{Duration, SystemTime};

/// A number with its digits in groups: `10,000`.
pub(super) struct Grouped(pub(super) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number) = *self;
        if number >= 1000 { write!(f, "{},{:03}", Self(number / 1000), number % 1000) } else { number.fmt(f) }
    }
}

/// A time in the two units that matter: `45 ms`, `1.2 s`, `3 min 20 s`, `2 d 4 h`.
pub(super) struct About(pub(super) Duration);

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.as_secs(), self.0.subsec_millis());
        match seconds {
            0 => write!(f, "{millis} ms"),
            1..60 => write!(f, "{seconds}.{} s", millis / 100),
            60..3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            3600..86400 => write!(f, "{} h {} min", seconds / 3600, seconds / 60 % 60),
            _ => write!(f, "{} d {} h", seconds / 86400, seconds / 3600 % 24),
        }
    }
}

/// The time of the day: `09:30:14 UTC`.
pub(super) struct Clock(pub(super) SystemTime);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        write!(f, "{:02}:{:02}:{:02} UTC", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{About, Clock, Grouped};

    #[test]
    fn digits_are_in_groups() {
        let shown = [0, 999, 1000, 10_007, 1_000_000].map(|number| Grouped(number).to_string());
        assert_eq!(shown, ["0", "999", "1,000", "10,007", "1,000,000"]);
    }

    #[test]
    fn a_time_has_the_units_that_matter() {
        let times = [0, 45, 1203, 59_999, 200_000, 7_500_000, 187_200_000];
        let shown = times.map(|millis| About(Duration::from_millis(millis)).to_string());
        assert_eq!(shown, ["0 ms", "45 ms", "1.2 s", "59.9 s", "3 min 20 s", "2 h 5 min", "2 d 4 h"]);
    }

    #[test]
    fn the_time_of_the_day_is_that_of_utc() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_778_214);
        assert_eq!(Clock(time).to_string(), "09:30:14 UTC");
    }
}
