//! What a context can tell the owner of its task, without knowing who that is.

use std::any::Any;
use std::num::NonZero;
use std::ops::Deref;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::cause::Cause;

/// Where an owner finds one of its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskKey {
    /// The task's number; its remainder by the number of shards is the shard.
    pub(crate) id: NonZero<u64>,
    pub(crate) slot: u32,
}

/// The owner of tasks, as their contexts see it.
pub(crate) trait Owner: Send + Sync {
    /// For who knows what the owner is.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
    fn cancel_task(&self, task: TaskKey, cause: Cause);
    fn is_live(&self, task: TaskKey) -> bool;
    fn is_draining(&self) -> bool;
    /// Cancelled when a drain begins.
    fn draining(&self) -> &CancellationToken;
}

/// A handle of an owner; the global one lives as long as the process and counts no references.
#[derive(Clone)]
pub(crate) enum OwnerRef {
    Global(&'static dyn Owner),
    Shared(Arc<dyn Owner>),
}

impl Deref for OwnerRef {
    type Target = dyn Owner + 'static;

    fn deref(&self) -> &(dyn Owner + 'static) {
        match self {
            Self::Global(owner) => *owner,
            Self::Shared(owner) => &**owner,
        }
    }
}

/// The task that a context belongs to.
#[derive(Clone, Copy)]
pub(crate) struct TaskScope {
    pub(crate) key: TaskKey,
    /// Whether the context is the task's own: to cancel that is to cancel the task. A child's cancel is its own.
    pub(super) is_own: bool,
}

impl TaskScope {
    pub(super) fn own(key: TaskKey) -> Self {
        Self { key, is_own: true }
    }

    /// For a context below the task's own.
    pub(super) fn child(self) -> Self {
        Self { is_own: false, ..self }
    }
}
