//! A slab that grows in chunks.
//!
//! The `slab` crate keeps all in one vector, so its growth copies every entry, here under a shard's lock: tens of
//! milliseconds at a million tasks. A chunk costs the same at any size.

/// Slots per chunk.
const CHUNK: usize = 256;

/// Ends the list of vacant slots.
const END: u32 = u32::MAX;

// Entries stand in the slab itself: a box each would be an allocation a call.
#[allow(clippy::large_enum_variant)]
enum Slot<T> {
    Vacant { next: u32 },
    Occupied(T),
}

pub(crate) struct Slab<T> {
    chunks: Vec<Vec<Slot<T>>>,
    vacant: u32,
    len: usize,
}

impl<T> Slab<T> {
    pub(crate) fn new() -> Self {
        Self { chunks: Vec::new(), vacant: END, len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All slots there are, vacant ones included: the bound of an index.
    pub(crate) fn slots(&self) -> u32 {
        number(self.chunks.len() * CHUNK)
    }

    pub(crate) fn get(&self, slot: u32) -> Option<&T> {
        match self.chunks.get(slot as usize / CHUNK)?.get(slot as usize % CHUNK)? {
            Slot::Occupied(value) => Some(value),
            Slot::Vacant { .. } => None,
        }
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        match self.slot(slot) {
            Slot::Occupied(value) => Some(value),
            Slot::Vacant { .. } => None,
        }
    }

    pub(crate) fn insert(&mut self, value: T) -> u32 {
        if self.vacant == END {
            self.grow();
        }
        let slot = self.vacant;
        let place = self.slot(slot);
        let Slot::Vacant { next } = *place else { unreachable!("the list of vacant slots holds vacant ones") };
        *place = Slot::Occupied(value);
        self.vacant = next;
        self.len += 1;
        slot
    }

    /// Vacates the slot, once `take` has taken what must not be dropped here.
    pub(crate) fn remove<R>(&mut self, slot: u32, take: impl FnOnce(&mut T) -> R) -> Option<R> {
        let next = self.vacant;
        let place = self.slot(slot);
        let Slot::Occupied(value) = place else { return None };
        let taken = take(value);
        *place = Slot::Vacant { next };
        self.vacant = slot;
        self.len -= 1;
        Some(taken)
    }

    fn slot(&mut self, slot: u32) -> &mut Slot<T> {
        &mut self.chunks[slot as usize / CHUNK][slot as usize % CHUNK]
    }

    fn grow(&mut self) {
        let first = self.chunks.len() * CHUNK;
        let last = first + CHUNK - 1;
        let vacant = |slot: usize| Slot::Vacant { next: if slot < last { number(slot + 1) } else { END } };
        self.chunks.push((first..=last).map(vacant).collect());
        self.vacant = number(first);
    }
}

fn number(slot: usize) -> u32 {
    u32::try_from(slot).expect("four thousand million tasks in one shard")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_and_growth_keeps_what_is_there() {
        let mut slab = Slab::new();
        let slots: Vec<u32> = (0..3 * CHUNK).map(|i| slab.insert(i)).collect();
        assert_eq!((slab.len(), slab.slots() as usize), (3 * CHUNK, 3 * CHUNK));
        for (i, slot) in slots.iter().enumerate() {
            assert_eq!(slab.get(*slot), Some(&i));
        }
        assert_eq!(slab.remove(slots[7], |value| *value), Some(7));
        assert_eq!((slab.remove(slots[7], |value| *value), slab.get(slots[7])), (None, None));
        assert_eq!(slab.insert(700), slots[7]);
        assert_eq!(slab.slots() as usize, 3 * CHUNK);
    }
}
