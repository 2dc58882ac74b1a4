//! What a supervisor says of its tasks' spans.

use crate::function::{Function, Level, Trace};

/// What a supervisor says of its tasks' spans.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spans {
    pub(crate) level: Level,
    /// Of functions that do not say.
    pub(super) trace: Trace,
}

impl Spans {
    pub(super) const DEFAULT: Self = Self { level: Level::Info, trace: Trace::Link };

    /// How the span of a task of the function relates to its caller's.
    pub(crate) fn trace_of(self, function: &Function) -> Trace {
        function.options.trace.unwrap_or(self.trace)
    }
}
