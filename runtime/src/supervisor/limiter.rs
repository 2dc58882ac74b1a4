//! The limit of one function in one supervisor: how many run, and who waits, in order.
//!
//! Its lock and a shard's are never held together.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;

use crate::context::TaskKey;
use crate::function::{Limit, Overflow};
use crate::outcome::Reason;
use crate::roster::Roster;
use crate::sync::{Mutex, MutexGuard, lock};

pub(crate) struct Limiter {
    limit: Limit,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: usize,
    /// By their tickets: in the order of their calls, and one that ends is found without a search.
    waiting: BTreeMap<u64, TaskKey>,
    next_ticket: u64,
}

/// What becomes of a call at the limit's door.
pub(crate) enum Turn {
    Now,
    Later {
        /// Its place in the queue.
        ticket: u64,
        /// Who lost its place for it.
        displaced: Option<TaskKey>,
    },
    Never(Reason),
}

/// A task's place at the limit.
pub(crate) struct Place {
    pub(crate) limiter: Arc<Limiter>,
    /// Of one that had to wait.
    pub(crate) ticket: Option<u64>,
}

impl Place {
    /// The task ended, before its turn or after it; whose turn it is now is woken.
    pub(crate) fn leave(self, was_waiting: bool, roster: &Roster, now: Instant) {
        let Self { limiter, ticket } = self;
        if let Some(ticket) = ticket.filter(|_| was_waiting) {
            limiter.state().waiting.remove(&ticket);
            return;
        }
        while let Some(next) = limiter.release() {
            // One that has ended meanwhile does not need the turn.
            if roster.grant(next, now) {
                break;
            }
        }
    }
}

impl Limiter {
    pub(crate) fn new(limit: Limit) -> Self {
        Self { limit, state: Mutex::new(State::default()) }
    }

    /// Nobody will ever leave, so there is nothing to wait for.
    pub(crate) fn is_closed(&self) -> bool {
        self.limit.running == 0
    }

    pub(crate) fn arrive(&self, key: TaskKey) -> Turn {
        let mut state = self.state();
        if state.running < self.limit.running {
            state.running += 1;
            return Turn::Now;
        }
        if self.is_closed() {
            return Turn::Never(Reason::LimitReached);
        }
        let full = state.waiting.len() >= self.limit.queue;
        let displaced = match self.limit.overflow {
            Overflow::Reject => return Turn::Never(Reason::LimitReached),
            Overflow::Wait if full => return Turn::Never(Reason::QueueFull),
            Overflow::DropOldest if self.limit.queue == 0 => return Turn::Never(Reason::QueueFull),
            Overflow::DropOldest if full => state.waiting.pop_first().map(|(_, oldest)| oldest),
            Overflow::Wait | Overflow::DropOldest => None,
        };
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.insert(ticket, key);
        Turn::Later { ticket, displaced }
    }

    /// Gives whose turn it is now; without anybody there is one running less.
    fn release(&self) -> Option<TaskKey> {
        let mut state = self.state();
        let next = state.waiting.pop_first().map(|(_, next)| next);
        if next.is_none() {
            state.running -= 1;
        }
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    #[cfg(all(test, detached_loom))]
    pub(crate) fn is_free(&self) -> bool {
        let state = self.state();
        state.running == 0 && state.waiting.is_empty()
    }
}
