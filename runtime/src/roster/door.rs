//! The door of a shard: whether tasks may enter there, how many are inside, and for how many there is room.
//!
//! It is under the lock that a task's entry is made under. So there is no moment between the two: a call that came in
//! before its shard was closed is on the roster by then, and one after it sees the close. A drain relies on that.

use crate::sync::{AtomicU64, Ordering};

/// Why a call was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Closed,
    Full,
}

/// How far the end of a supervisor has come. It only goes forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    #[default]
    Open,
    /// The end is announced: residents are to stop, the others may. What ends is written down.
    Draining,
    /// Only who is called from inside may enter.
    Closed,
    /// The drain's grace is over: nothing is to start any more.
    Stopping,
}

/// Under the shard's lock.
#[derive(Default)]
pub(super) struct Door {
    phase: Phase,
    /// How many have come in, ever.
    entered: u64,
    /// How many have left under the lock, ever; the others are in [`Left`].
    left: u64,
    /// How many of those inside are residents.
    residents: u64,
    /// How many may be inside: the shard's part of what the whole roster has room for.
    places: u64,
}

impl Door {
    /// Lets one in. `from_inside`: it is called by a task in here, so a closed door lets it in too.
    #[inline]
    pub(super) fn enter(&mut self, left: &Left, from_inside: bool, is_resident: bool) -> Result<(), Refused> {
        if self.phase >= Phase::Closed && !from_inside {
            return Err(Refused::Closed);
        }
        if self.inside(left) >= self.places {
            return Err(Refused::Full);
        }
        self.entered += 1;
        self.residents += u64::from(is_resident);
        Ok(())
    }

    /// Whether one that has just come in is to stop before it starts.
    #[inline]
    pub(super) fn stops_at_once(&self, is_resident: bool) -> bool {
        self.phase >= if is_resident { Phase::Draining } else { Phase::Stopping }
    }

    pub(super) fn go_on_to(&mut self, phase: Phase) {
        self.phase = self.phase.max(phase);
    }

    #[inline]
    pub(super) fn inside(&self, left: &Left) -> u64 {
        self.entered - self.left(left)
    }

    /// How many have left, ever.
    #[inline]
    pub(super) fn left(&self, left: &Left) -> u64 {
        self.left + left.count()
    }

    pub(super) fn entered(&self) -> u64 {
        self.entered
    }

    /// Whether nobody is inside, or nobody but residents.
    pub(super) fn is_empty(&self, left: &Left, but_residents: bool) -> bool {
        self.inside(left) == if but_residents { self.residents } else { 0 }
    }

    /// Lets one out that is no resident, under the lock.
    #[inline]
    pub(super) fn leave(&mut self, left: &Left) -> Asked {
        self.left += 1;
        left.asked()
    }

    pub(super) fn note_resident_left(&mut self) {
        self.residents -= 1;
    }

    pub(super) fn add_places(&mut self, places: u64) {
        self.places += places;
    }

    /// Takes half of the places that nobody has, so that the shard is not the next to look for some.
    pub(super) fn give_up_places(&mut self, left: &Left) -> u64 {
        let given = (self.places - self.inside(left)).div_ceil(2);
        self.places -= given;
        given
    }
}

/// Someone waits for the shard to be empty.
const AWAITED: u64 = 1;
/// Calls are turned away until someone leaves.
const FULL: u64 = 2;
const ONE: u64 = 4;

/// What is asked of whoever leaves a shard.
#[derive(Clone, Copy)]
pub(super) struct Asked(u64);

impl Asked {
    #[inline]
    pub(super) fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// To tell who waits, if the shard is empty now.
    pub(super) fn is_awaited(self) -> bool {
        self.0 & AWAITED != 0
    }

    /// To say that there is a place again.
    pub(super) fn is_for_place(self) -> bool {
        self.0 & FULL != 0
    }
}

/// How many have left a shard, ever, beside the lock: a task leaves last of all, when what it held is dropped, which may be
/// user code.
#[derive(Default)]
pub(super) struct Left(AtomicU64);

impl Left {
    /// Counts one more.
    #[inline]
    pub(super) fn add(&self) -> Asked {
        // AcqRel: whoever finds the shard empty sees all that the tasks wrote before they left.
        Asked(self.0.fetch_add(ONE, Ordering::AcqRel) & (AWAITED | FULL))
    }

    #[inline]
    fn asked(&self) -> Asked {
        // Relaxed: it is set under the lock that this is asked under.
        Asked(self.0.load(Ordering::Relaxed) & (AWAITED | FULL))
    }

    #[inline]
    fn count(&self) -> u64 {
        // Acquire, for `add`.
        self.0.load(Ordering::Acquire) / ONE
    }

    /// Says that someone waits. Under the shard's lock, as is its opposite.
    ///
    /// `AcqRel`, as in `add`: who leaves later sees it, and who left earlier is counted by who looks from here on.
    pub(super) fn set_awaited(&self) {
        self.0.fetch_or(AWAITED, Ordering::AcqRel);
    }

    /// Whoever waits is told now, and says so again if it waits on.
    pub(super) fn clear_awaited(&self) {
        self.0.fetch_and(!AWAITED, Ordering::AcqRel);
    }

    /// Asks who leaves to say that there is a place again. Under the shard's lock.
    ///
    /// `AcqRel`, as in [`set_awaited`](Self::set_awaited), and to the same end.
    pub(super) fn set_full(&self) {
        self.0.fetch_or(FULL, Ordering::AcqRel);
    }

    pub(super) fn clear_full(&self) {
        // Relaxed: it is set and cleared under one lock, that of the unused places.
        self.0.fetch_and(!FULL, Ordering::Relaxed);
    }
}
