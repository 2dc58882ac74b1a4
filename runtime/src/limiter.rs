//! The limit of one function in one supervisor: how many run, and who waits, in order.
//!
//! Its lock and a shard's are never held together.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::entry::EntryKey;
use crate::function::{Limit, Overflow};
use crate::outcome::Reason;

pub(crate) struct Limiter {
    limit: Limit,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: usize,
    waiting: VecDeque<EntryKey>,
}

/// What becomes of a call at the limit's door.
pub(crate) enum Turn {
    Now,
    Later {
        /// Who lost its place for it.
        displaced: Option<EntryKey>,
    },
    Never(Reason),
}

impl Limiter {
    pub(crate) fn new(limit: Limit) -> Self {
        Self { limit, state: Mutex::default() }
    }

    pub(crate) fn arrive(&self, key: EntryKey) -> Turn {
        let mut state = self.state();
        if state.running < self.limit.running {
            state.running += 1;
            return Turn::Now;
        }
        if self.limit.running == 0 {
            // Nobody will ever leave, so there is nothing to wait for.
            return Turn::Never(Reason::LimitReached);
        }
        let full = state.waiting.len() >= self.limit.queue;
        let displaced = match self.limit.overflow {
            Overflow::Reject => return Turn::Never(Reason::LimitReached),
            Overflow::Wait if full => return Turn::Never(Reason::QueueFull),
            Overflow::DropOldest if self.limit.queue == 0 => return Turn::Never(Reason::QueueFull),
            Overflow::DropOldest if full => state.waiting.pop_front(),
            Overflow::Wait | Overflow::DropOldest => None,
        };
        state.waiting.push_back(key);
        Turn::Later { displaced }
    }

    /// A task that had its turn ended: gives whose turn it is now. If that one has ended too, call again.
    pub(crate) fn release(&self) -> Option<EntryKey> {
        let mut state = self.state();
        let next = state.waiting.pop_front();
        if next.is_none() {
            state.running -= 1;
        }
        next
    }

    /// A task ended while it waited.
    pub(crate) fn forget(&self, key: EntryKey) {
        self.state().waiting.retain(|waiting| *waiting != key);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
