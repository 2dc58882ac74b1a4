//! What a stop leaves to do once the lock is released.

use std::sync::Arc;
use std::task::Waker;

use super::entry::Entry;
use super::stop::Stop;
use crate::context::{Cancellation, Cause, Context};

/// What a stop leaves to do once the lock is released.
pub(super) struct Wakeup {
    /// Of the task's context, without its values: this may outlive the task, and is no holder of them.
    cancellation: Option<Arc<Cancellation>>,
    cause: Cause,
    waker: Option<Waker>,
}

impl Wakeup {
    pub(super) fn of(entry: &Entry, stop: &Stop) -> Self {
        let cancellation = entry.context.as_ref().map(Context::cancellation);
        Self { cancellation, cause: stop.cause(), waker: entry.waker.clone() }
    }

    pub(super) fn go(self) {
        let Self { cancellation, cause, waker } = self;
        // The body is told first; the wake below lets it hear.
        if let Some(cancellation) = cancellation {
            cancellation.cancel(cause);
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
