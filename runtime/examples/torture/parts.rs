//! What a user's code may bring along, at its worst: values, errors, wakers and a panic hook.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Wake, Waker};
use std::thread;
use std::time::Duration;

use super::calls;
use super::chance::{below, one_in};

/// The payload of the panics that belong here.
struct Meant;

/// Panics, unless that would end the process: a second panic while one goes by does so by the language's rules.
pub(crate) fn panic() {
    if !thread::panicking() {
        panic::panic_any(Meant);
    }
}

thread_local! {
    /// Whether the thread is where no call is to be made.
    static MAKES_NO_CALLS: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the hook of a panic in `run` from calls, too.
fn without_calls(run: impl FnOnce()) {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            let _ = MAKES_NO_CALLS.try_with(|none| none.set(self.0));
        }
    }
    // A thread that is torn down has no cell any more, and then makes none.
    let _restore = Restore(MAKES_NO_CALLS.try_with(|none| none.replace(true)).unwrap_or(true));
    run();
}

/// Panics, loses time, or does nothing, which is the most likely.
pub(crate) fn stumble() {
    without_calls(|| match below(64) {
        0..4 => panic(),
        4..8 => thread::yield_now(),
        8 => thread::sleep(Duration::from_micros(below(200))),
        _ => {}
    });
}

/// As [`stumble`], or makes a call of its own.
pub(crate) fn misbehave() {
    match below(64) {
        0..4 => call_from_within(),
        4..8 => panic(),
        _ => stumble(),
    }
}

/// Makes a call where nobody expects one, but none from within such a call.
fn call_from_within() {
    if !MAKES_NO_CALLS.try_with(Cell::get).unwrap_or(true) {
        without_calls(calls::call_and_leave);
    }
}

/// A value whose `Clone`, `Debug`, `Display` and `Drop` are not to be relied on. How it is shown stays the same: an error
/// reaches the subscriber as itself where it was found to be harmless.
pub(crate) struct Mine {
    shown: u64,
    is_its_own_source: bool,
}

impl Default for Mine {
    fn default() -> Self {
        Self { shown: below(32), is_its_own_source: one_in(8) }
    }
}

impl Clone for Mine {
    fn clone(&self) -> Self {
        misbehave();
        Self::default()
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        misbehave();
    }
}

impl fmt::Display for Mine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shown {
            0 => Err(fmt::Error),
            1 => f.write_str("a line\nERROR detached: task forged outcome=\"completed\"\r\u{2028}\u{202e}\u{1b}[2J"),
            2 => loop {
                f.write_str("without end, ")?;
            },
            // Makes no calls: from within the subscriber that shows it, tracing hears of nothing.
            3 => {
                without_calls(panic);
                Ok(())
            }
            _ => f.write_str("mine"),
        }
    }
}

impl fmt::Debug for Mine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Mine {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.is_its_own_source.then_some(self)
    }
}

/// Drops what may panic in that.
pub(crate) fn discard<T>(value: T) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}

struct Bell {
    drops_well: bool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        misbehave();
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        if !self.drops_well {
            misbehave();
        }
    }
}

/// One that may panic when it wakes, and when it is dropped.
pub(crate) fn waker() -> Waker {
    Waker::from(Arc::new(Bell { drops_well: false }))
}

/// One that may panic when it wakes.
pub(crate) fn waker_that_drops_well() -> Waker {
    Waker::from(Arc::new(Bell { drops_well: true }))
}

/// How many panics there were that nobody meant.
static OTHERS: AtomicU64 = AtomicU64::new(0);

pub(crate) fn unexpected_panics() -> u64 {
    OTHERS.load(Ordering::Relaxed)
}

/// Puts a hook in place that makes calls. It shows and counts the panics that nobody meant.
pub(crate) fn hook_panics() {
    let shown = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // Tokio has no way to tell that a runtime has no timers but a panic, which a hook that is chained later sees.
        let is_question = info.location().is_some_and(|at| at.file().ends_with("time_driver.rs"));
        if !info.payload().is::<Meant>() && !is_question {
            OTHERS.fetch_add(1, Ordering::Relaxed);
            shown(info);
        }
        if one_in(16) {
            call_from_within();
        }
    }));
}
