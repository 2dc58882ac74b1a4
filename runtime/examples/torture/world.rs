//! What a round has to itself: its supervisors, what their observers heard, and how many calls were made.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use detached::{OutcomeKind, Supervisor};
use tokio::runtime::Handle;

use super::chance::pick;
use super::parts::{Mine, discard};
use super::told::{EVENTS, Heard, Listener};

static SUPERVISORS: RwLock<Vec<Supervisor>> = RwLock::new(Vec::new());
static CALLS: AtomicU64 = AtomicU64::new(0);

pub(crate) fn count_call() {
    CALLS.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn calls() -> u64 {
    CALLS.load(Ordering::Relaxed)
}

/// Whether calls may be made; not between two rounds.
pub(crate) fn is_open() -> bool {
    !SUPERVISORS.read().unwrap_or_else(PoisonError::into_inner).is_empty()
}

/// One of the round's supervisors.
pub(crate) fn any() -> Supervisor {
    let supervisors = SUPERVISORS.read().unwrap_or_else(PoisonError::into_inner);
    supervisors[pick(supervisors.len())].clone()
}

pub(crate) fn all() -> Vec<Supervisor> {
    SUPERVISORS.read().unwrap_or_else(PoisonError::into_inner).clone()
}

pub(crate) struct World {
    heard: [Arc<Heard>; 2],
}

/// Each count of one round, by outcome where that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ledger {
    pub(crate) calls: u64,
    pub(crate) live: u64,
    pub(crate) called: u64,
    pub(crate) ended: [u64; OutcomeKind::ALL.len()],
    pub(crate) heard_calls: [u64; 2],
    pub(crate) heard_ends: [[u64; OutcomeKind::ALL.len()]; 2],
    pub(crate) events: [u64; OutcomeKind::ALL.len()],
}

impl Ledger {
    /// Whether each call has its one outcome, and everybody was told of it.
    pub(crate) fn is_sound(&self) -> bool {
        let ended: u64 = self.ended.iter().sum();
        (self.live, self.called, ended) == (0, self.calls, self.calls)
            && self.heard_calls == [self.calls; 2]
            && self.heard_ends == [self.ended; 2]
            && self.events == self.ended
    }
}

impl World {
    /// Opens a round. One supervisor runs its tasks where they are called, one has room for few, and one has a runtime of
    /// its own.
    pub(crate) fn open(fixed: &Handle) -> Self {
        let heard = [Arc::<Heard>::default(), Arc::default()];
        let [first, second] = &heard;
        CALLS.store(0, Ordering::Relaxed);
        EVENTS.clear();
        let builders =
            [Supervisor::builder(), Supervisor::builder().max_tasks(64), Supervisor::builder().runtime(fixed.clone())];
        let listener = |heard| Listener { heard: Arc::clone(heard), _mine: Mine::default() };
        let supervisors = builders.map(|builder| builder.observer(listener(first)).observer(listener(second)).build());
        *SUPERVISORS.write().unwrap_or_else(PoisonError::into_inner) = supervisors.into();
        Self { heard }
    }

    /// What was counted so far.
    pub(crate) fn ledger(&self) -> Ledger {
        let counts: Vec<_> = all().iter().map(Supervisor::counts).collect();
        let sum = |each: &dyn Fn(&detached::Counts) -> u64| counts.iter().map(each).sum();
        Ledger {
            calls: calls(),
            live: sum(&|counts| counts.live()),
            called: sum(&|counts| counts.called),
            ended: OutcomeKind::ALL.map(|kind| sum(&|counts| counts.of(kind))),
            heard_calls: [0, 1].map(|one: usize| self.heard[one].calls.load(Ordering::Relaxed)),
            heard_ends: [0, 1].map(|one: usize| self.heard[one].ends.read()),
            events: EVENTS.read(),
        }
    }
}

/// Ends the round: nobody calls any more.
pub(crate) fn close() {
    let supervisors = std::mem::take(&mut *SUPERVISORS.write().unwrap_or_else(PoisonError::into_inner));
    supervisors.into_iter().for_each(discard);
}
