//! A task's number.

use std::fmt;

use crate::context::TaskKey;

/// A task's number: different for every call of one supervisor, rejected ones included. It says nothing of order.
///
/// ```
/// # #[detached::background(timeout = "5s")] async fn ping() {}
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let (one, other) = (ping(), ping());
/// assert_ne!(one.id(), other.id());
/// println!("{}", one.id());
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(u64);

impl TaskId {
    #[inline]
    pub(super) fn new(id: u64) -> Self {
        Self(id)
    }

    #[cfg(feature = "serde")]
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    #[inline]
    pub(crate) fn of(key: TaskKey) -> Self {
        Self(key.id.get())
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
