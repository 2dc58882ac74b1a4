//! The process's panic hook, extended once to note the place of each panic.
//!
//! To exchange the hook is to wait for whoever runs it, which may take long. So it is done on a thread of its own, and
//! who needs the hook waits a little at most.

use std::panic::{set_hook, take_hook};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::ask::is_asking;
use super::notes;

/// How long to wait for the hook, from when its extension began. A new thread is at work well before, also on a busy
/// machine, unless somebody's hook runs.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Missing,
    UnderWay(Instant),
    InPlace,
}

static STAGE: Mutex<Stage> = Mutex::new(Stage::Missing);
static CHANGED: Condvar = Condvar::new();

/// Whether to wait for the hook. Relaxed, wherever it is used: it only spares all but the first tasks the lock.
static IS_AWAITED: AtomicBool = AtomicBool::new(false);

/// Begins to extend the hook, unless that was done. The hook that was set before still runs. Waits for nobody.
#[cold]
pub(crate) fn extend_hook() {
    let mut stage = stage();
    if *stage != Stage::Missing {
        return;
    }
    *stage = Stage::UnderWay(Instant::now());
    IS_AWAITED.store(true, Ordering::Relaxed);
    drop(stage);
    if thread::Builder::new().name("detached-panic-hook".to_owned()).spawn(extend).is_err() {
        // Panics go without their places until this is called again, which the next of them does.
        reach(Stage::Missing);
    }
}

fn extend() {
    let previous = take_hook();
    set_hook(Box::new(move |info| {
        if !is_asking() {
            notes::note(info);
            previous(info);
        }
    }));
    reach(Stage::InPlace);
}

fn reach(reached: Stage) {
    *stage() = reached;
    IS_AWAITED.store(false, Ordering::Relaxed);
    CHANGED.notify_all();
}

/// Where the hook is being extended, waits until it is in place, but not long.
#[inline]
pub(crate) fn await_extension() {
    if IS_AWAITED.load(Ordering::Relaxed) {
        wait();
    }
}

#[cold]
fn wait() {
    // In a hook this would be to wait for oneself.
    if thread::panicking() {
        return;
    }
    let stage = stage();
    if let Stage::UnderWay(since) = *stage {
        let left = PATIENCE.saturating_sub(since.elapsed());
        let is_under_way = |stage: &mut Stage| matches!(stage, Stage::UnderWay(_));
        drop(CHANGED.wait_timeout_while(stage, left, is_under_way));
        IS_AWAITED.store(false, Ordering::Relaxed);
    }
}

fn stage() -> MutexGuard<'static, Stage> {
    STAGE.lock().unwrap_or_else(PoisonError::into_inner)
}
