//! What became of tasks whose runtime stopped, for their handles.
//!
//! tokio drops such a task and tells its handle no more than that. Most were cancelled by it, which goes without saying;
//! what is kept here is the outcome of the others: those that were stopping already, and those whose drop panicked.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::context::TaskKey;
use crate::outcome::TaskError;

/// Nobody knows which handles are still there, so more than this is not kept: some handle then says what tokio does.
const MOST: usize = 10_000;

/// By the tasks' numbers.
#[derive(Default)]
pub(super) struct LastWords(Mutex<HashMap<u64, TaskError>>);

impl LastWords {
    pub(super) fn leave(&self, task: TaskKey, error: TaskError) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() >= MOST {
            let some = left.keys().next().copied();
            some.and_then(|some| left.remove(&some));
        }
        left.insert(task.id.get(), error);
    }

    pub(super) fn take(&self, task: TaskKey) -> Option<TaskError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&task.id.get())
    }
}
