//! The `self` of a method: what becomes of it.

use syn::ReceiverKind;

use super::borrow::Lasting;
use super::lending::is_lent;
use crate::diagnostics::Diagnostics;

pub(crate) struct Receiver {
    pub(crate) written: syn::Receiver,
    /// `&self`: the task owns a copy of what it refers to.
    pub(crate) borrowed: bool,
}

impl Receiver {
    pub(crate) fn read(written: &syn::Receiver, lasting: &Lasting, diagnostics: &mut Diagnostics) -> Self {
        let borrowed = match &written.kind {
            ReceiverKind::Reference(_, Some(lifetime), _) if lasting.contains(lifetime) => false,
            ReceiverKind::Reference(_, _, Some(_)) => {
                diagnostics.error(
                    written,
                    "`&mut self` can't be lent to a task, which may outlive it; take `self`, or `self: Arc<Self>` with a \
                     lock inside",
                );
                true
            }
            ReceiverKind::Reference(..) => true,
            ReceiverKind::Typed(_, ty) => is_lent(ty, lasting, diagnostics),
            _ => false,
        };
        Self { written: written.clone(), borrowed }
    }

    /// One that was refused, whatever it is.
    pub(crate) fn unread(written: &syn::Receiver) -> Self {
        Self { written: written.clone(), borrowed: false }
    }

    /// Whether the body sees another `self` than the function's: a copy of what that borrows, or, of a `mut self`, a
    /// variable, as in a plain `async fn`. A captured one is no variable to the compiler, which would warn about changes
    /// of it that nothing reads.
    pub(crate) fn is_renamed(&self) -> bool {
        self.borrowed || self.written.mutability.is_some()
    }
}
