//! What a task is doing.

/// What a task is doing.
///
/// ```
/// use detached::{Supervisor, TaskState};
///
/// for task in Supervisor::global().tasks() {
///     if task.state() == TaskState::Waiting {
///         println!("{task} has not started yet");
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It waits for its turn, at its function's `limit`.
    Waiting,
    /// Its body runs, or is about to.
    Running,
    /// It was told to stop, and has its `grace` to do so.
    Stopping,
}

impl TaskState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Stopping => "stopping",
        }
    }
}
