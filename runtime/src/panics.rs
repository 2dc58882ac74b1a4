//! Panics at the task's boundary: caught, and with their place.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use crate::outcome::Panic;

thread_local! {
    /// Whether a panic on this thread will be caught here.
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    /// Whether the panic that is caught here is a mere question, not to be shown.
    static SILENT: Cell<bool> = const { Cell::new(false) };
    /// The place of the last panic while `CATCHING`.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Extends the process's panic hook, once: it notes the place of a panic that is about to be caught here, which
/// `catch_unwind` alone does not tell. The hook that was set before still runs.
pub(crate) fn extend_hook() {
    static ONCE: Once = Once::new();
    // A hook cannot be set by a thread that panics; a later supervisor will.
    if ONCE.is_completed() || std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            let is_set = |flag: &'static std::thread::LocalKey<Cell<bool>>| flag.try_with(Cell::get).unwrap_or(false);
            if is_set(&SILENT) {
                return;
            }
            if is_set(&CATCHING) {
                let place = info.location().map(ToString::to_string);
                // A thread that is being torn down notes nothing.
                let _ = PLACE.try_with(|cell| cell.replace(place));
            }
            previous(info);
        }));
    });
}

/// Runs user code up to the task's boundary.
pub(crate) fn catch<R>(run: impl FnOnce() -> R) -> Result<R, Panic> {
    let outer = CATCHING.try_with(|catching| catching.replace(true)).unwrap_or(false);
    let caught = catch_unwind(AssertUnwindSafe(run));
    let _ = CATCHING.try_with(|catching| catching.set(outer));
    caught.map_err(|payload| Panic::new(message(payload), PLACE.try_with(RefCell::take).unwrap_or_default()))
}

/// Runs a question whose answer may be a panic, which is not shown.
pub(crate) fn silently<R>(ask: impl FnOnce() -> R) -> R {
    SILENT.set(true);
    let answer = ask();
    SILENT.set(false);
    answer
}

fn message(payload: Box<dyn Any + Send>) -> String {
    let text = match payload.downcast_ref::<&'static str>() {
        Some(text) => Some((*text).to_owned()),
        None => payload.downcast_ref::<String>().cloned(),
    };
    // A payload is a value of the user's: its drop may panic too, and then so may that panic's. Such a thing is leaked.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    text.unwrap_or_else(|| "a payload that is no text".to_owned())
}
