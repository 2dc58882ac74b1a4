//! Calls that the global supervisor refuses, while a test has it do so (`testing::refuse_global`).

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often a function was called at one place.
pub(crate) type Refused = BTreeMap<(&'static str, &'static Location<'static>), u64>;

/// How many guards there are, so that a call needs no lock where there is none.
static GUARDS: AtomicUsize = AtomicUsize::new(0);

/// What was refused since each guard was made, by the guards' numbers.
static REFUSED: Mutex<BTreeMap<u64, Refused>> = Mutex::new(BTreeMap::new());

fn lock() -> MutexGuard<'static, BTreeMap<u64, Refused>> {
    REFUSED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From its beginning to its end the global supervisor refuses all calls.
#[derive(Debug)]
pub(crate) struct Refusals(u64);

impl Refusals {
    pub(crate) fn begin() -> Self {
        let mut refused = lock();
        let number = refused.last_key_value().map_or(0, |(last, _)| last + 1);
        refused.insert(number, Refused::new());
        // Relaxed, here and below: it only spares a look under the lock. A call that is not ordered with this one may as
        // well have come before it.
        GUARDS.fetch_add(1, Ordering::Relaxed);
        Self(number)
    }

    /// Ends it; gives what was refused.
    pub(crate) fn end(&mut self) -> Refused {
        let ended = lock().remove(&self.0);
        if ended.is_some() {
            GUARDS.fetch_sub(1, Ordering::Relaxed);
        }
        ended.unwrap_or_default()
    }
}

/// Whether a call of the global supervisor is to be refused; every guard there is notes it.
#[inline]
pub(super) fn refuse(function: &'static str, caller: &'static Location<'static>) -> bool {
    GUARDS.load(Ordering::Relaxed) != 0 && note(function, caller)
}

#[cold]
fn note(function: &'static str, caller: &'static Location<'static>) -> bool {
    let mut refused = lock();
    for calls in refused.values_mut() {
        *calls.entry((function, caller)).or_default() += 1;
    }
    !refused.is_empty()
}
