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
}

impl<'a> Capture<'a> {
    #[inline]
    pub(crate) fn new(origin: Option<&'a Context>, snapshot: &'a mut Snapshot, is_optional: bool) -> Self {
        Self { origin, snapshot, is_optional }
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
    pub(super) fn find(&self, name: &str) -> Option<Arc<Named>> {
        self.origin.and_then(|origin| origin.find(name))
    }

    #[inline]
    pub(super) fn add(&mut self, value: Arc<Named>) {
        if self.snapshot.iter().all(|held| held.name() != value.name()) {
            self.snapshot.push(value);
        }
    }
}
