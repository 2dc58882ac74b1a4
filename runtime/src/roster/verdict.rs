//! What a task is to do.

use super::stop::Stop;

/// What a task is to do.
pub(crate) enum Verdict {
    Run,
    Wait,
    Stop(Stop),
}
