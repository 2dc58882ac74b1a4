//! The gate: one word that counts the tasks inside and says whether more may enter.
//!
//! Closing and counting share the word, so there is no moment between them: a call that entered before the close is
//! counted, and one after it sees the close. The drain relies on that.

use crate::sync::{AtomicUsize, Ordering};

/// No more may enter, unless they come from inside.
const CLOSED: usize = 1;
/// Someone waits for the count to be zero.
const AWAITED: usize = 2;
/// One task inside.
const ONE: usize = 4;

/// Why the gate let nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Closed,
    Full,
}

pub(crate) struct Gate {
    state: AtomicUsize,
    max: usize,
}

impl Gate {
    pub(crate) fn new(max: usize) -> Self {
        // The two low bits are taken; so many tasks no machine has.
        Self { state: AtomicUsize::new(0), max: max.min(usize::MAX / ONE) }
    }

    /// Enters, or says why not. `from_inside`: the caller is itself a task in here, so a closed gate lets it in.
    #[inline]
    pub(crate) fn enter(&self, from_inside: bool) -> Result<(), Refused> {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & CLOSED != 0 && !from_inside {
                return Err(Refused::Closed);
            }
            if state / ONE >= self.max {
                return Err(Refused::Full);
            }
            // Acquire: whoever enters after a close sees what was written before it.
            let entered = self.state.compare_exchange_weak(state, state + ONE, Ordering::Acquire, Ordering::Relaxed);
            match entered {
                Ok(_) => return Ok(()),
                Err(now) => state = now,
            }
        }
    }

    /// Leaves. `true` when that emptied the place and someone waits to hear it.
    #[must_use]
    #[inline]
    pub(crate) fn leave(&self) -> bool {
        // AcqRel: whoever finds the place empty sees all that the tasks wrote before they left.
        let before = self.state.fetch_sub(ONE, Ordering::AcqRel);
        before / ONE == 1 && before & AWAITED != 0
    }

    /// Closes the gate for good.
    pub(crate) fn close(&self) {
        // Release, for the Acquire in `enter`.
        self.state.fetch_or(CLOSED, Ordering::Release);
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Says that someone waits from now on; `true` when the place is empty already.
    pub(crate) fn await_empty(&self) -> bool {
        // AcqRel, as in `leave`. The flag stays set: to clear it would race with another waiter.
        self.state.fetch_or(AWAITED, Ordering::AcqRel) / ONE == 0
    }

    pub(crate) fn inside(&self) -> usize {
        self.state.load(Ordering::Acquire) / ONE
    }
}
