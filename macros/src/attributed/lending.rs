//! Which types a body can be lent, as a borrow of a copy that the task owns; for those that it can't, what to write instead.

use syn::Type;

use super::borrow::{Lasting, borrows};
use super::owned_form::owned_form;
use crate::diagnostics::Diagnostics;
use crate::tokens::{printed, ungrouped_type};

/// Whether a value of this type is copied and lent to the body, and not moved into it; reports a borrow that can't be owned.
pub(crate) fn is_lent(ty: &Type, lasting: &Lasting, diagnostics: &mut Diagnostics) -> bool {
    let Type::Reference(reference) = ungrouped_type(ty) else {
        if borrows(ty, lasting) {
            diagnostics.error(ty, hidden_borrow(ty));
        }
        return false;
    };
    let lasts = reference.lifetime.as_ref().is_some_and(|lifetime| lasting.contains(lifetime));
    let target = ungrouped_type(&reference.elem);
    let shown = printed(ty);
    if borrows(target, lasting) {
        diagnostics.error(ty, hidden_borrow(ty));
    } else if lasts {
        return false;
    } else if reference.mutability.is_some() {
        let owned = owned_form(ty);
        diagnostics.error(
            ty,
            format!(
                "`{shown}` can't be lent to a task, which may outlive it; take it by value, as `{owned}`, or share it, \
                 as `Arc<Mutex<{owned}>>`"
            ),
        );
    } else if let Type::TraitObject(object) = target {
        let mut object = printed(object);
        for bound in ["Send", "Sync"] {
            if !object.contains(bound) {
                object = format!("{object} + {bound}");
            }
        }
        diagnostics.error(
            ty,
            format!(
                "`{shown}` can't be copied for the task; share it, as `Arc<{object}>`, or take a type \
                 parameter that is `Clone`"
            ),
        );
    }
    true
}

fn hidden_borrow(ty: &Type) -> String {
    let shown = printed(ty);
    let owned = owned_form(ty);
    format!(
        "`{shown}` borrows from the caller, which the task may outlive; take it owned, as `{owned}`, or share it in an \
         `Arc`"
    )
}
