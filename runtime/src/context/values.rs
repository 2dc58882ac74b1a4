//! The small stores that hold several named values.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

use super::value::Named;

/// Some values, such as those that a task inherits. Four fit without an allocation; more are rare and spill.
pub(crate) type Snapshot = SmallVec<[Arc<Named>; 4]>;

/// The values of a context: few, so a list beats a map.
///
/// Most contexts get their values before they are shared and are only read from then on, once for every call made in
/// them. So reading takes no lock until something is inserted into a shared one.
#[derive(Default)]
pub(crate) struct Values {
    first: Snapshot,
    /// What was inserted since; it covers `first`.
    later: Mutex<Snapshot>,
    has_later: AtomicBool,
}

impl Values {
    pub(crate) fn new(values: Snapshot) -> Self {
        Self { first: values, ..Self::default() }
    }

    #[inline]
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Named>> {
        // Acquire, for the Release in `insert`: whoever sees the mark sees the value.
        if self.has_later.load(Ordering::Acquire) {
            if let Some(later) = lock(&self.later).iter().find(|held| held.name() == name) {
                return Some(Arc::clone(later));
            }
        }
        self.first.iter().find(|held| held.name() == name).cloned()
    }

    /// Sets the value of a store that nobody shares; gives the one it replaces.
    pub(crate) fn set(&mut self, value: Arc<Named>) -> Option<Arc<Named>> {
        if *self.has_later.get_mut() {
            return self.insert(value);
        }
        replace_or_push(&mut self.first, value)
    }

    /// Sets the value, and hands back the one it replaces: the caller drops it, so no user code runs under the lock.
    pub(crate) fn insert(&self, value: Arc<Named>) -> Option<Arc<Named>> {
        let mut later = lock(&self.later);
        let replaced = replace_or_push(&mut later, value);
        self.has_later.store(true, Ordering::Release);
        replaced
    }

    /// In the order in which the names were first set.
    pub(crate) fn all(&self) -> Snapshot {
        let mut values = self.first.clone();
        let later = lock(&self.later);
        values.reserve(later.len());
        for value in later.iter() {
            // A covered value has another holder, this store, so its drop here runs no user code.
            replace_or_push(&mut values, Arc::clone(value));
        }
        values
    }
}

fn replace_or_push(values: &mut Snapshot, value: Arc<Named>) -> Option<Arc<Named>> {
    if let Some(held) = values.iter_mut().find(|held| held.name() == value.name()) {
        return Some(std::mem::replace(held, value));
    }
    values.push(value);
    None
}

fn lock(values: &Mutex<Snapshot>) -> std::sync::MutexGuard<'_, Snapshot> {
    // No user code runs under the lock, so a poisoned one still guards a whole list.
    values.lock().unwrap_or_else(PoisonError::into_inner)
}
