//! The end of a request's context: once, with the cause that fits.

use crate::context::{Cause, Context};

/// Ends the context when it is dropped, as disconnected, unless it was told another end before.
#[derive(Debug)]
pub(super) struct Ending(Option<Context>);

impl Ending {
    pub(super) fn new(context: Context) -> Self {
        Self(Some(context))
    }

    /// For a context that another ending took over.
    pub(super) fn over() -> Self {
        Self(None)
    }

    pub(super) fn end(&mut self, cause: Cause) {
        if let Some(context) = self.0.take() {
            context.cancel(cause);
        }
    }

    /// Whoever took the context along holds it from now on.
    pub(super) fn hand_over(&mut self) {
        self.0 = None;
    }

    /// Runs a poll; a panic of it ends the context as failed.
    pub(super) fn watch<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        let unwound = EndOnUnwind(self);
        let polled = poll();
        std::mem::forget(unwound);
        polled
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.end(Cause::Disconnected);
    }
}

/// Forgotten where nothing unwound.
struct EndOnUnwind<'a>(&'a mut Ending);

impl Drop for EndOnUnwind<'_> {
    fn drop(&mut self) {
        self.0.end(Cause::Failed);
    }
}
