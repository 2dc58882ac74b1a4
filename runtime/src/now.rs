//! Now, wherever this is.

use tokio::time::Instant;

use crate::panics;

/// Now, by the clock of the runtime this runs in: a paused one stands still.
///
/// A thread that is being torn down has the real clock. tokio's own panics there once some runtime of the process has
/// paused its clock, as only tests do.
#[inline]
pub(crate) fn now() -> Instant {
    panics::ask(Instant::now).unwrap_or_else(|| std::time::Instant::now().into())
}
