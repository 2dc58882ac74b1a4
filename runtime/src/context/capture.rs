//! `Capture`: what a carrier sees of a call.

use std::sync::Arc;

use super::context::Context;
use super::value::Named;
use super::values::Snapshot;

/// What a carrier sees of a call: the caller's context, and the snapshot that the task will have.
///
/// ```
/// # use detached::{Capture, ValueError};
/// fn capture_user(call: &mut Capture<'_>) -> Result<Option<()>, ValueError> {
///     Ok(call.carry("user_id").then_some(()))
/// }
/// ```
pub struct Capture<'a> {
    origin: Option<&'a Context>,
    snapshot: &'a mut Snapshot,
    /// Whether what is captured may be absent.
    pub(super) is_optional: bool,
    /// Where the last carrier looked in vain for a value, if it did.
    pub(super) missed: Option<Missed>,
}

/// Where a value was looked for that was not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missed {
    /// In the context the call is made in.
    InContext,
    /// In none: no context is in place where the call is made.
    NoContext,
}

impl Missed {
    pub(crate) fn of<T>(origin: Option<&T>) -> Self {
        if origin.is_some() { Self::InContext } else { Self::NoContext }
    }
}

impl<'a> Capture<'a> {
    #[inline]
    pub(crate) fn new(origin: Option<&'a Context>, snapshot: &'a mut Snapshot, is_optional: bool) -> Self {
        Self { origin, snapshot, is_optional, missed: None }
    }

    /// The context the call is made in; `None` where there is none.
    ///
    /// ```
    /// # use detached::Capture;
    /// fn is_in_request(call: &Capture<'_>) -> bool { call.origin().is_some() }
    /// ```
    #[must_use]
    pub fn origin(&self) -> Option<&Context> {
        self.origin
    }

    /// Copies the value named `name` from the origin into the task's context; `false` when there is none.
    ///
    /// ```
    /// # use detached::Capture;
    /// fn carry_user(call: &mut Capture<'_>) -> bool { call.carry("user_id") }
    /// ```
    #[inline]
    pub fn carry(&mut self, name: &str) -> bool {
        self.find(name).is_some_and(|value| {
            self.add(value);
            true
        })
    }

    #[inline]
    pub(super) fn find(&mut self, name: &str) -> Option<Arc<Named>> {
        let found = self.origin.and_then(|origin| origin.find(name));
        if found.is_none() {
            self.missed = Some(Missed::of(self.origin));
        }
        found
    }

    /// Where the value that was captured last was looked for in vain, if it is a value of a context.
    pub(crate) fn missed(&self) -> Option<Missed> {
        self.missed
    }

    #[inline]
    pub(super) fn add(&mut self, value: Arc<Named>) {
        if self.snapshot.iter().all(|held| held.name() != value.name()) {
            self.snapshot.push(value);
        }
    }
}
