//! The gate: one word that counts the tasks inside and says whether more may enter.
//!
//! Closing and counting share the word, so there is no moment between them: a call that entered before the close is
//! counted, and one after it sees the close. The drain relies on that. Residents are counted apart as well, for who waits until
//! idle does not wait for them.

use crate::context::TaskKey;
use crate::roster::Roster;
use crate::sync::{AtomicU64, Ordering};

/// No more may enter, unless they come from inside.
const CLOSED: u64 = 1;
/// Someone waits for one of the counts to be zero.
const AWAITED: u64 = 2;
/// One task inside.
const ONE: u64 = 1 << 2;
/// One of them that is a resident: the upper half counts those once more.
const RESIDENT: u64 = 1 << 33;
/// So many have room in each count, and no machine has so many.
const MOST: usize = (1 << 31) - 1;

#[inline]
fn unit(is_resident: bool) -> u64 {
    if is_resident { ONE + RESIDENT } else { ONE }
}

#[inline]
fn all(state: u64) -> u64 {
    state % RESIDENT / ONE
}

fn residents(state: u64) -> u64 {
    state / RESIDENT
}

/// Why the gate let nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Closed,
    Full,
}

pub(crate) struct Gate {
    state: AtomicU64,
    max: u64,
}

impl Gate {
    pub(crate) fn new(max: usize) -> Self {
        Self { state: AtomicU64::new(0), max: max.min(MOST) as u64 }
    }

    /// Enters, or says why not.
    #[inline]
    pub(crate) fn enter(&self, is_resident: bool) -> Result<(), Refused> {
        self.enter_unless(CLOSED, is_resident)
    }

    /// Enters, closed or not, for a call that `caller` makes, if that is inside itself.
    ///
    /// One step with the look whether it is: under the lock that its end needs. So it is inside when this has entered,
    /// and whoever waits for the place to be empty has to wait for this too.
    pub(crate) fn enter_from(&self, roster: &Roster, caller: TaskKey, is_resident: bool) -> Result<(), Refused> {
        roster.with(caller, |_| self.enter_unless(0, is_resident)).unwrap_or(Err(Refused::Closed))
    }

    /// Enters, closed or not, for a call that a closure makes, which runs as long as it makes it: whoever waits for the place
    /// to be empty waits for the closure first.
    pub(crate) fn enter_from_closure(&self, is_resident: bool) -> Result<(), Refused> {
        self.enter_unless(0, is_resident)
    }

    #[inline]
    fn enter_unless(&self, barred: u64, is_resident: bool) -> Result<(), Refused> {
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & barred != 0 {
                return Err(Refused::Closed);
            }
            if all(state) >= self.max {
                return Err(Refused::Full);
            }
            // Acquire: whoever enters after a close sees what was written before it.
            let next = state + unit(is_resident);
            match self.state.compare_exchange_weak(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(now) => state = now,
            }
        }
    }

    /// Leaves. `true` when that emptied the place, of all or of all but residents, and someone waits to hear it.
    #[must_use]
    #[inline]
    pub(crate) fn leave(&self, is_resident: bool) -> bool {
        // AcqRel: whoever finds the place empty sees all that the tasks wrote before they left.
        let left = self.state.fetch_sub(unit(is_resident), Ordering::AcqRel) - unit(is_resident);
        left & AWAITED != 0 && (all(left) == 0 || (!is_resident && all(left) == residents(left)))
    }

    /// Closes the gate for good.
    pub(crate) fn close(&self) {
        // Release, for the Acquire in `enter`.
        self.state.fetch_or(CLOSED, Ordering::Release);
    }

    #[cfg(all(test, detached_loom))]
    pub(crate) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Says that someone waits from now on; `true` when nobody is inside already.
    pub(crate) fn await_empty(&self) -> bool {
        all(self.await_change()) == 0
    }

    /// Says that someone waits from now on; `true` when nobody but residents is inside already.
    pub(crate) fn await_idle(&self) -> bool {
        let state = self.await_change();
        all(state) == residents(state)
    }

    fn await_change(&self) -> u64 {
        // AcqRel, as in `leave`. The flag stays set: to clear it would race with another waiter.
        self.state.fetch_or(AWAITED, Ordering::AcqRel)
    }

    /// How many are inside, residents included.
    pub(crate) fn inside(&self) -> usize {
        // No more than `max`, which came from a `usize`.
        usize::try_from(all(self.state.load(Ordering::Acquire))).unwrap_or(usize::MAX)
    }
}
