//! Why a run has no value, on its way to the handle.

use crate::outcome::TaskError;

/// In a box: most runs have a value, and their output is moved several times. But for a timeout, which is all there is to
/// say of it, and of which there may be many at once.
pub(super) struct Failed(Option<Box<TaskError>>);

impl From<TaskError> for Failed {
    fn from(error: TaskError) -> Self {
        Self(if error == TaskError::TimedOut { None } else { Some(Box::new(error)) })
    }
}

impl From<Failed> for TaskError {
    fn from(Failed(error): Failed) -> Self {
        error.map_or(Self::TimedOut, |error| *error)
    }
}
