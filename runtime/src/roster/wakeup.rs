//! What a stop leaves to do once the lock is released.

use std::sync::Arc;
use std::task::Waker;

use super::entry::{Entry, Grace};
use super::stop::Stop;
use crate::context::{Cancellation, Cause};

/// What a stop leaves to do once the lock is released.
pub(super) struct Wakeup {
    /// Of the task's context, without its values: this may outlive the task, and is no holder of them.
    cancellation: Option<(Arc<Cancellation>, Cause)>,
    waker: Option<Waker>,
}

impl Wakeup {
    /// The last one takes the waker along: the poll that follows the grace is the task's last.
    #[inline]
    pub(super) fn of(entry: &mut Entry, stop: &Stop) -> Self {
        let cancellation = entry.context.as_ref().map(|context| (context.cancellation(), stop.cause()));
        let waker = if entry.grace == Grace::Over { entry.waker.take() } else { entry.waker.clone() };
        Self { cancellation, waker }
    }

    pub(super) fn go(self) {
        let Self { cancellation, waker } = self;
        // The body is told first; the wake below lets it hear.
        if let Some((cancellation, cause)) = cancellation {
            cancellation.cancel(cause);
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
