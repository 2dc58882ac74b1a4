//! A time as a number: texts such as `1.2s` and `480µs` can be neither compared nor summed up.

use std::time::Duration;

/// The time in milliseconds, to the microsecond.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    #[allow(clippy::cast_precision_loss)] // exact for 285 years
    let microseconds = time.as_micros() as f64;
    microseconds / 1000.0
}
