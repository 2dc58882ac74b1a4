//! Who comes in and who leaves, over all shards: the places, the drain's closing, and the question whether nobody is
//! left.

use super::door::{Asked, Phase, Refused};
use super::entry::Entry;
use super::roster::Roster;
use super::shard::{Shard, State};
use crate::context::TaskKey;
use crate::function::Function;
use crate::sync::{MutexGuard, Ordering, lock};

/// A task that was let in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entered {
    pub(crate) key: TaskKey,
    /// The end has come so far that the task is to stop before it starts.
    pub(crate) stops_at_once: bool,
}

impl Roster {
    /// Puts a task on the roster, if it is let in; `fill` writes its entry, under the shard's lock.
    ///
    /// # Errors
    ///
    /// When a drain has closed admission, or there are as many tasks as may be.
    #[inline]
    pub(crate) fn enter(&self, function: &'static Function, fill: impl FnOnce(&mut Entry)) -> Result<Entered, Refused> {
        self.enter_at(self.home(), function, fill)
    }

    /// As [`enter`](Self::enter), into that shard.
    #[inline]
    pub(crate) fn enter_at(
        &self,
        shard: usize,
        function: &'static Function,
        fill: impl FnOnce(&mut Entry),
    ) -> Result<Entered, Refused> {
        let Shard { state, left, .. } = &self.shards[shard];
        loop {
            let mut state = lock(state);
            match state.door.enter(left, false, function.is_resident()) {
                Ok(()) => return Ok(self.put(shard, state, function, fill)),
                Err(Refused::Closed) => return Err(Refused::Closed),
                Err(Refused::Full) => {}
            }
            drop(state);
            self.find_places(shard)?;
        }
    }

    /// As [`enter`](Self::enter), drain or not, for a call that a closure makes, which runs as long as it makes it: whoever
    /// waits until nobody is inside waits for the closure first.
    #[cold]
    pub(crate) fn enter_from_closure(
        &self,
        function: &'static Function,
        fill: impl FnOnce(&mut Entry),
    ) -> Result<Entered, Refused> {
        let shard = self.home();
        loop {
            let mut state = lock(&self.shards[shard].state);
            if state.door.enter(&self.shards[shard].left, true, function.is_resident()).is_ok() {
                return Ok(self.put(shard, state, function, fill));
            }
            drop(state);
            self.find_places(shard)?;
        }
    }

    /// As [`enter`](Self::enter), drain or not, for a call that `caller` makes, if that is a live task.
    ///
    /// It goes into the caller's shard, in one step with the look whether that lives: so the caller is inside when this
    /// has come in, and whoever waits for the one has to wait for the other.
    #[cold]
    pub(crate) fn enter_from(
        &self,
        caller: TaskKey,
        function: &'static Function,
        fill: impl FnOnce(&mut Entry),
    ) -> Result<Entered, Refused> {
        let shard = self.shard_number(caller);
        loop {
            let mut state = lock(&self.shards[shard].state);
            state.entry(caller).ok_or(Refused::Closed)?;
            if state.door.enter(&self.shards[shard].left, true, function.is_resident()).is_ok() {
                return Ok(self.put(shard, state, function, fill));
            }
            drop(state);
            self.find_places(shard)?;
        }
    }

    #[inline]
    fn put(
        &self,
        shard: usize,
        mut state: MutexGuard<'_, State>,
        function: &'static Function,
        fill: impl FnOnce(&mut Entry),
    ) -> Entered {
        let id = state.new_id(shard, self.shards.len());
        let has_limit = function.options.limit.is_some();
        state.counters.of(function).call(has_limit);
        let (slot, entry) = state.entries.claim();
        (entry.id, entry.function, entry.waiting) = (id.get(), function, has_limit);
        fill(entry);
        Entered { key: TaskKey { id, slot }, stops_at_once: state.door.stops_at_once(function.is_resident()) }
    }

    /// Finds places for a shard that has none left: such as no shard has yet, or another does not need.
    ///
    /// # Errors
    ///
    /// When there was a moment at which all were taken.
    #[cold]
    fn find_places(&self, shard: usize) -> Result<(), Refused> {
        // Else all that are turned away would wait for each other, and for the tasks. Relaxed: whoever has left has taken it
        // back by then, and it orders nothing else.
        if self.is_full.load(Ordering::Relaxed) {
            return Err(Refused::Full);
        }
        // Held throughout: only under this lock places go from one shard to another, so none is on its way unseen.
        let mut unused = lock(&self.unused_places);
        let part = (*unused).min((self.max_tasks / (4 * self.shards.len() as u64)).max(1));
        if part > 0 {
            *unused -= part;
            lock(&self.shards[shard].state).door.add_places(part);
            return Ok(());
        }
        let mut found = 0;
        for Shard { state, left, .. } in &self.shards {
            let mut state = lock(state);
            // Before the look: who leaves after it waits for the lock above, and so a full shard stays full until all were
            // looked at.
            left.set_full();
            found += state.door.give_up_places(left);
        }
        if found == 0 {
            // Relaxed, as above.
            self.is_full.store(true, Ordering::Relaxed);
            return Err(Refused::Full);
        }
        lock(&self.shards[shard].state).door.add_places(found);
        Ok(())
    }

    /// Someone who was asked for it has left that shard: there is a place.
    #[cold]
    fn note_place(&self, shard: &Shard) {
        let _unused = lock(&self.unused_places);
        shard.left.clear_full();
        // Relaxed: who knows that the task has ended sees it, for it is not over before.
        self.is_full.store(false, Ordering::Relaxed);
    }

    /// Lets an ended task out. `true` when that emptied its shard, of all or of all but residents, and someone waits to hear it.
    #[must_use]
    #[inline]
    pub(crate) fn leave(&self, key: TaskKey, function: &Function) -> bool {
        let shard = self.shard(key);
        let asked = if function.is_resident() { leave_as_resident(shard) } else { shard.left.add() };
        self.answer(shard, asked)
    }

    /// Does what was asked of who has left the shard. `true` when that emptied it, as above.
    #[must_use]
    #[inline]
    pub(super) fn answer(&self, shard: &Shard, asked: Asked) -> bool {
        !asked.is_nothing() && self.do_asked(shard, asked)
    }

    #[cold]
    fn do_asked(&self, shard: &Shard, asked: Asked) -> bool {
        if asked.is_for_place() {
            self.note_place(shard);
        }
        asked.is_awaited() && shard.is_last(&lock(&shard.state).door)
    }

    /// Shard by shard: a call either is on the roster when its shard goes on, or meets the phase.
    pub(crate) fn go_on_to(&self, phase: Phase) {
        for shard in &self.shards {
            let mut state = lock(&shard.state);
            state.door.go_on_to(phase);
            state.ledger.get_or_insert_default();
        }
    }

    /// Whether nobody is inside, or nobody but residents. If there is, the last of a shard to leave is told to tell.
    ///
    /// It looks twice, for a task can call one into a shard that was looked at, and leave a shard that was not yet. If
    /// nobody came in between the looks, all shards were empty at one moment.
    pub(crate) fn await_empty(&self, but_residents: bool) -> bool {
        while let Some(entered) = self.entered_if_empty(but_residents) {
            if entered == self.shards.iter().map(|shard| lock(&shard.state).door.entered()).sum::<u64>() {
                return true;
            }
        }
        false
    }

    /// How many have entered, if no shard has anybody inside, each at the moment of the look.
    fn entered_if_empty(&self, but_residents: bool) -> Option<u64> {
        let entered_if_empty = |shard: &Shard| {
            let state = lock(&shard.state);
            shard.left.set_awaited();
            state.door.is_empty(&shard.left, but_residents).then(|| state.door.entered())
        };
        self.shards.iter().map(entered_if_empty).sum()
    }

    /// How many are inside, residents included.
    pub(crate) fn inside(&self) -> u64 {
        self.shards.iter().map(|shard| lock(&shard.state).door.inside(&shard.left)).sum()
    }
}

/// Both counts under one lock: to who looks, it is inside or it is not.
#[cold]
fn leave_as_resident(shard: &Shard) -> Asked {
    let mut state = lock(&shard.state);
    state.door.note_resident_left();
    shard.left.add()
}
