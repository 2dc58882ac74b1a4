//! The dice of a round: with one seed the same decisions are made, though not by the same threads.

use std::sync::atomic::{AtomicU64, Ordering};

static STATE: AtomicU64 = AtomicU64::new(0);

pub(crate) fn seed(seed: u64) {
    STATE.store(seed, Ordering::Relaxed);
}

/// A number below `end`.
pub(crate) fn below(end: u64) -> u64 {
    // SplitMix64: each step of the state is mixed for itself, so threads share it without a lock.
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut mixed = STATE.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % end
}

pub(crate) fn one_in(many: u64) -> bool {
    below(many) == 0
}

/// An index of so many.
pub(crate) fn pick(many: usize) -> usize {
    usize::try_from(below(many as u64)).expect("less than an index")
}
