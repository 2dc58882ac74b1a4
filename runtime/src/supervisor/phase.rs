//! How far the end of a supervisor has come.

use std::sync::atomic::{AtomicU8, Ordering};

/// It only goes forward.
#[derive(Default)]
pub(super) struct Phase(AtomicU8);

impl Phase {
    /// The end is announced: residents are to stop, the others may.
    pub(super) const DRAINING: u8 = 1;
    /// The drain's grace is over: nothing is to start any more.
    pub(super) const STOPPING: u8 = 2;

    pub(super) fn begin(&self, phase: u8) {
        // SeqCst, with the load in `stops_at_once`: a call either is on the roster when the drain looks through it, or sees
        // this.
        self.0.fetch_max(phase, Ordering::SeqCst);
    }

    #[inline]
    pub(super) fn is_draining(&self) -> bool {
        self.0.load(Ordering::Acquire) >= Self::DRAINING
    }

    /// Whether a task that is on the roster by now is to stop before it starts.
    #[inline]
    pub(super) fn stops_at_once(&self, is_resident: bool) -> bool {
        let phase = self.0.load(Ordering::SeqCst);
        phase >= if is_resident { Self::DRAINING } else { Self::STOPPING }
    }
}
