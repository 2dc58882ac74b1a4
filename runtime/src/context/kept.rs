//! What one carrier captured, if it captured anything.

use std::mem::needs_drop;

use super::inherit::Inherit;
use crate::panics;

/// What a carrier captured, if anything. Its drop is user code, and a task may keep several of them: a panic is caught,
/// for two at once would end the process.
pub struct Kept<C>(Option<C>);

impl<C> Kept<C> {
    pub(super) fn new(captured: Option<C>) -> Self {
        Self(captured)
    }

    pub(super) fn enter<K, R>(&self, carrier: &'static K, run: impl FnOnce() -> R) -> R
    where
        K: Inherit<Captured = C>,
    {
        match &self.0 {
            Some(captured) => carrier.enter(captured, run),
            None => run(),
        }
    }

    pub(super) fn around<K, R>(&mut self, carrier: &'static K, run: impl FnOnce() -> R) -> R
    where
        K: Inherit<Captured = C>,
    {
        match &mut self.0 {
            Some(captured) => carrier.around(captured, run),
            None => run(),
        }
    }
}

impl<C> Drop for Kept<C> {
    fn drop(&mut self) {
        if needs_drop::<C>() {
            let _ = panics::catch(|| drop(self.0.take()));
        }
    }
}
