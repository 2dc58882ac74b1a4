//! From when a task's bound counts: from its call, as Go's `context.WithTimeout` does; with a `limit`, from its turn.

use std::time::Duration;

use tokio::time::Instant;

use super::clock::Ticks;

#[derive(Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) length: Option<Duration>,
    /// When it is over; `None` before the turn too.
    pub(crate) deadline: Option<Instant>,
}

impl Bound {
    pub(crate) const NONE: Self = Self { length: None, deadline: None };

    /// The bound of a task that is called at that moment, and has to await its turn or not.
    #[inline]
    pub(crate) fn new(length: Option<Duration>, called: Instant, has_limit: bool) -> Self {
        let mut bound = Self { length, deadline: None };
        if !has_limit {
            bound.begin(called);
        }
        bound
    }

    /// The alarm of one that begins to wait.
    #[inline]
    pub(crate) fn alarm(self) -> Ticks {
        Ticks::of_deadline(self.deadline)
    }

    /// Counts from that moment. What no instant can express is as good as for ever.
    #[inline]
    pub(crate) fn begin(&mut self, turn: Instant) {
        self.deadline = self.length.and_then(|length| turn.checked_add(length));
    }
}
