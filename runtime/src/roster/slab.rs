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
    /// A vacant record, occupied from now on; as [`Occupied::vacate`] left it.
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
    /// An occupied slot, which can be given back.
    #[inline]
    pub(crate) fn occupied(&mut self, number: u32) -> Option<Occupied<'_, T>> {
        let Self { chunks, vacant, len } = self;
        let slot = chunks.get_mut(number as usize / CHUNK)?.get_mut(number as usize % CHUNK)?;
        slot.is_occupied.then_some(Occupied { number, slot, vacant, len })
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        let slot = self.chunks.get(number as usize / CHUNK)?.get(number as usize % CHUNK)?;
        slot.is_occupied.then_some(&slot.record)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.occupied(number).map(|occupied| &mut occupied.slot.record)
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

/// An occupied slot.
pub(crate) struct Occupied<'a, T> {
    number: u32,
    slot: &'a mut Slot<T>,
    vacant: &'a mut u32,
    len: &'a mut usize,
}

impl<T> Occupied<'_, T> {
    #[inline]
    pub(crate) fn record(&mut self) -> &mut T {
        &mut self.slot.record
    }

    /// Gives the slot back, once its record is ready for the next.
    #[inline]
    pub(crate) fn vacate(self) {
        self.slot.is_occupied = false;
        self.slot.next = std::mem::replace(self.vacant, self.number);
        *self.len -= 1;
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
        let mut seventh = slab.occupied(slots[7]).unwrap();
        assert_eq!(std::mem::take(seventh.record()), 7);
        seventh.vacate();
        assert!(slab.occupied(slots[7]).is_none());
        assert_eq!((slab.get(slots[7]), slab.len()), (None, 3 * CHUNK - 1));
        assert_eq!(slab.claim(), (slots[7], &mut 0));
        assert_eq!((slab.len(), slab.slots() as usize), (3 * CHUNK, 3 * CHUNK));
    }
}
