//! A question that may be answered by a panic.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether a panic of the thread is a mere answer, not to be shown.
    static ASKS: Cell<bool> = const { Cell::new(false) };
}

/// Asks; `None` if the answer is a panic. The panic hooks that were set before ours do not see it. Under
/// `panic = "abort"` it ends the process, so there it is shown.
#[inline]
pub(crate) fn ask<R>(question: impl FnOnce() -> R) -> Option<R> {
    let outer = ASKS.replace(cfg!(panic = "unwind"));
    let answer = catch_unwind(AssertUnwindSafe(question)).ok();
    ASKS.set(outer);
    answer
}

pub(super) fn is_asking() -> bool {
    ASKS.get()
}
