//! Cancellation with a cause and a deadline: a tree of nodes, of which the parents are the contexts above.

use std::iter::successors;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::cause::Cause;
use super::end::End;
use crate::now::now;
use crate::waiting::Waiting;

/// One node of a tree of cancellations. It holds no values, so whoever keeps it keeps no request alive.
pub(crate) struct Cancellation {
    end: End,
    /// Why, and since when. Set once, before the end comes, so that whoever hears of that finds the cause.
    cancelled: OnceLock<(Cause, Instant)>,
    /// Never later than the parent's.
    deadline: Option<Instant>,
    parent: Option<Arc<Cancellation>>,
}

impl Cancellation {
    /// A tree's root: nothing above can cancel it.
    pub(crate) fn root(deadline: Option<Instant>) -> Arc<Self> {
        Arc::new(Self { end: End::default(), cancelled: OnceLock::new(), deadline, parent: None })
    }

    pub(crate) fn child(self: &Arc<Self>, deadline: Option<Instant>) -> Arc<Self> {
        Arc::new(Self {
            end: self.end.child(),
            cancelled: OnceLock::new(),
            deadline: earliest(self.deadline, deadline),
            parent: Some(Arc::clone(self)),
        })
    }

    pub(crate) fn cancel(&self, cause: Cause) {
        if self.first().is_none() {
            // Of two racing callers one sets the cause; both then find it set.
            let _ = self.cancelled.set((cause, now()));
        }
        self.end.come();
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.first().map(|(cause, _)| cause.clone())
    }

    /// What cancelled this node: the cause that came first, of this node's, of those above it, and of the deadline.
    ///
    /// Once found it is written down here, so that no cause that is still being set elsewhere can replace it.
    fn first(&self) -> Option<&(Cause, Instant)> {
        if let Some(own) = self.cancelled.get() {
            return Some(own);
        }
        let above = successors(self.parent.as_deref(), |node| node.parent.as_deref());
        // The nearest is the first: no node sets a cause when one above it has.
        let above = above.into_iter().find_map(|node| node.cancelled.get()).cloned();
        let passed = self.deadline.filter(|deadline| *deadline <= now());
        let timed_out = passed.map(|deadline| (Cause::TimedOut, deadline));
        let found = above.into_iter().chain(timed_out).min_by_key(|(_, at)| *at)?;
        Some(self.cancelled.get_or_init(|| found))
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        // Only a deadline needs the clock.
        self.end.has_come() || self.deadline.is_some_and(|deadline| deadline <= now())
    }

    pub(crate) async fn cancelled(&self) {
        let cancelled = async {
            match self.deadline {
                None => self.end.comes().await,
                // Either way it is over: the deadline is a cancellation too.
                Some(deadline) => drop(timeout_at(deadline, self.end.comes()).await),
            }
        };
        Waiting::new(cancelled).await;
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

/// One after the other: a drop that went from parent to parent by itself would overflow the stack of a long line.
impl Drop for Cancellation {
    fn drop(&mut self) {
        let mut parent = self.parent.take();
        while let Some(mut last) = parent.and_then(Arc::into_inner) {
            parent = last.parent.take();
        }
    }
}

pub(crate) fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// The instant `bound` from now; `None` when the clock cannot express it, which is as good as no deadline.
pub(crate) fn from_now(bound: Duration) -> Option<Instant> {
    now().checked_add(bound)
}
