//! From when a task's bound counts: from its call, as Go's `context.WithTimeout` does; with a `limit`, from its turn.

use std::time::Duration;

use super::clock::Ticks;

#[derive(Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) length: Option<Duration>,
    /// `Ticks::NEVER` before the turn.
    counted_from: Ticks,
}

impl Bound {
    pub(crate) const NONE: Self = Self { length: None, counted_from: Ticks::NEVER };

    /// The bound of a task that is called at that moment, and has to await its turn or not.
    #[inline]
    pub(crate) fn new(length: Option<Duration>, called: Ticks, has_limit: bool) -> Self {
        Self { length, counted_from: if has_limit { Ticks::NEVER } else { called } }
    }

    /// The turn came at that moment.
    pub(crate) fn begin(&mut self, turn: Ticks) {
        self.counted_from = turn;
    }

    /// `Ticks::NEVER` without a bound, and while it does not count yet.
    #[inline]
    pub(crate) fn deadline(self) -> Ticks {
        self.length.map_or(Ticks::NEVER, |length| self.counted_from.plus(length))
    }
}
