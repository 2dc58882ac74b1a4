//! A slab whose records are filled in place and whose growth moves nothing.
//!
//! The `slab` crate keeps all in one vector, so its growth copies every entry, here under a shard's lock: tens of
//! milliseconds at a million tasks. A chunk costs the same at any size. And a record is large beside what a call writes
//! into it, so a vacant one is kept and filled again rather than made, moved in, moved out and dropped.

/// Slots per chunk.
const CHUNK: usize = 256;

/// Ends the list of vacant slots.
const END: u32 = u32::MAX;

struct Slot<T> {
    record: T,
    is_occupied: bool,
    /// The vacant slot after this one, while this is vacant.
    next: u32,
}

pub(crate) struct Slab<T> {
    chunks: Vec<Box<[Slot<T>]>>,
    vacant: u32,
    len: usize,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), vacant: END, len: 0 }
    }
}

impl<T: Default> Slab<T> {
    /// A vacant record, occupied from now on; as [`release`](Self::release) left it.
    #[inline]
    pub(crate) fn claim(&mut self) -> (u32, &mut T) {
        if self.vacant == END {
            self.grow();
        }
        let number = self.vacant;
        self.len += 1;
        let slot = &mut self.chunks[number as usize / CHUNK][number as usize % CHUNK];
        slot.is_occupied = true;
        self.vacant = slot.next;
        (number, &mut slot.record)
    }

    fn grow(&mut self) {
        let first = self.chunks.len() * CHUNK;
        let last = first + CHUNK - 1;
        let next = |number: usize| if number < last { slot_number(number + 1) } else { END };
        let vacant = |number| Slot { record: T::default(), is_occupied: false, next: next(number) };
        self.chunks.push((first..=last).map(vacant).collect());
        self.vacant = slot_number(first);
    }
}

impl<T> Slab<T> {
    /// Gives an occupied slot back, once `clear` has made its record ready for the next.
    #[inline]
    pub(crate) fn release<R>(&mut self, number: u32, clear: impl FnOnce(&mut T) -> R) -> Option<R> {
        let vacant = self.vacant;
        let slot = self.slot_mut(number).filter(|slot| slot.is_occupied)?;
        let cleared = clear(&mut slot.record);
        slot.is_occupied = false;
        slot.next = vacant;
        self.vacant = number;
        self.len -= 1;
        Some(cleared)
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        let slot = self.chunks.get(number as usize / CHUNK)?.get(number as usize % CHUNK)?;
        slot.is_occupied.then_some(&slot.record)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.slot_mut(number).filter(|slot| slot.is_occupied).map(|slot| &mut slot.record)
    }

    #[inline]
    fn slot_mut(&mut self, number: u32) -> Option<&mut Slot<T>> {
        self.chunks.get_mut(number as usize / CHUNK)?.get_mut(number as usize % CHUNK)
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// All slots there are, vacant ones included: the bound of a slot's number.
    pub(crate) fn slots(&self) -> u32 {
        slot_number(self.chunks.len() * CHUNK)
    }
}

fn slot_number(slot: usize) -> u32 {
    u32::try_from(slot).expect("four thousand million tasks in one shard")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_and_growth_keeps_what_is_there() {
        let mut slab = Slab::<usize>::default();
        let slots: Vec<u32> = (0..3 * CHUNK)
            .map(|i| {
                let (slot, record) = slab.claim();
                *record = i;
                slot
            })
            .collect();
        assert_eq!((slab.len(), slab.slots() as usize), (3 * CHUNK, 3 * CHUNK));
        for (i, slot) in slots.iter().enumerate() {
            assert_eq!(slab.get(*slot), Some(&i));
        }
        assert_eq!(slab.release(slots[7], std::mem::take), Some(7));
        assert_eq!((slab.release(slots[7], std::mem::take), slab.get(slots[7])), (None, None));
        assert_eq!(slab.claim(), (slots[7], &mut 0));
        assert_eq!((slab.len(), slab.slots() as usize), (3 * CHUNK, 3 * CHUNK));
    }
}
