//! Whether a tokio runtime has timers.
//!
//! tokio can be asked in one way only: to make a timer, which panics where there are none. So a runtime without timers is
//! asked once and remembered, and never where a panic would be one too many. No lock is held over the question: the
//! panic's hook may be somebody's who makes a call.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Handle, Id};

use crate::panics;

/// How many runtimes without timers are remembered, the newest. One that was forgotten is asked again.
const REMEMBERED: usize = 256;

/// tokio numbers its runtimes one after the other, so that no other is taken for an ended one.
static MISSING: Mutex<VecDeque<Id>> = Mutex::new(VecDeque::new());

/// Whether the runtime is known to have no timers.
pub(super) fn is_missing(runtime: Id) -> bool {
    missing().contains(&runtime)
}

/// Whether the runtime has timers; `None` where it cannot be asked.
pub(crate) fn ask(runtime: &Handle) -> Option<bool> {
    if !can_be_asked() {
        return None;
    }
    let make_timer = || {
        let _entered = runtime.enter();
        drop(tokio::time::sleep(Duration::ZERO));
    };
    let has_timers = panics::ask(make_timer).is_some();
    if !has_timers {
        remember(runtime.id());
    }
    Some(has_timers)
}

/// In a panic hook a second panic ends the process, and a thread that is being torn down can enter no runtime.
pub(crate) fn can_be_asked() -> bool {
    let is_torn_down = || Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed());
    !thread::panicking() && !is_torn_down()
}

fn remember(runtime: Id) {
    let mut missing = missing();
    if missing.contains(&runtime) {
        return;
    }
    if missing.len() == REMEMBERED {
        missing.pop_front();
    }
    missing.push_back(runtime);
}

fn missing() -> MutexGuard<'static, VecDeque<Id>> {
    MISSING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded_and_the_newest_is_kept() {
        let runtimes = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut last = None;
        for _ in 0..2 * REMEMBERED {
            let runtime = runtimes();
            assert_eq!(ask(runtime.handle()), Some(false));
            last = Some(runtime);
        }
        assert_eq!(missing().len(), REMEMBERED);
        assert!(is_missing(last.unwrap().handle().id()));
    }
}
