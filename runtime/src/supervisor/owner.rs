//! The supervisor as those below it see it: the contexts of its tasks, and the timers.

use std::any::Any;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::supervisor::Inner;
use crate::context::{Cause, Owner, TaskKey};
use crate::panics;
use crate::roster::{Holder, Roster};

impl Owner for Inner {
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn cancel_task(&self, task: TaskKey, cause: Cause) {
        Self::cancel_task(self, task, cause);
    }

    fn is_live(&self, task: TaskKey) -> bool {
        Self::is_live(self, task)
    }

    fn is_draining(&self) -> bool {
        Self::is_draining(self)
    }

    fn draining(&self) -> &CancellationToken {
        &self.draining
    }
}

impl Holder for Inner {
    fn roster(&self) -> &Roster {
        &self.roster
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.timers.end();
        // Whoever holds the last handle, a call or a task's, has no part in what an observer does when it is dropped.
        std::mem::take(&mut self.observers).into_iter().for_each(panics::drop_contained);
    }
}
