//! From when a task's bound counts: from its call, as Go's `context.WithTimeout` does; with a `limit`, from its turn.

use std::time::Duration;

use crate::function::Function;
use crate::roster::Ticks;

#[derive(Clone, Copy)]
pub(super) struct Bound {
    pub(super) length: Option<Duration>,
    /// `Ticks::NEVER` before the turn.
    counted_from: Ticks,
}

impl Bound {
    /// The bound of a call of `function` that is made `now`.
    #[inline]
    pub(super) fn new(length: Option<Duration>, now: Ticks, function: &Function) -> Self {
        let counted_from = if function.options.limit.is_some() { Ticks::NEVER } else { now };
        Self { length, counted_from }
    }

    /// The turn came at that moment.
    pub(super) fn begin(&mut self, turn: Ticks) {
        self.counted_from = turn;
    }

    /// `Ticks::NEVER` without a bound, and while it does not count yet.
    #[inline]
    pub(super) fn deadline(self) -> Ticks {
        self.length.map_or(Ticks::NEVER, |length| self.counted_from.plus(length))
    }
}
