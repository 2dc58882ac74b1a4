//! Runs user code up to a boundary of ours.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::hook::extend_hook;
use super::notes;
use super::panic::Panic;

/// Runs user code; a panic of it ends here.
#[inline]
pub(crate) fn catch<R>(run: impl FnOnce() -> R) -> Result<R, Panic> {
    let before = notes::made();
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| caught(payload, before))
}

/// Drops what is the user's. Its panic hurts neither who happens to be the last to hold it, nor what is dropped beside it: of
/// two that unwind together the process dies.
pub(crate) fn drop_contained<T>(held: T) {
    let _ = catch(|| drop(held));
}

#[cold]
fn caught(payload: Box<dyn Any + Send>, before: u64) -> Panic {
    let place = notes::take_place(before, &*payload);
    if place.is_none() {
        // There may have been no thread to extend the hook on.
        extend_hook();
    }
    let message = notes::text(&*payload).unwrap_or("a payload that is no text").to_owned();
    // A payload is a value of the user's: its drop may panic too, and then so may that panic's. Such a thing is leaked.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    Panic::new(message, place)
}
