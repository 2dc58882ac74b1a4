//! Which types a body can be lent, as a borrow of a copy that the task owns; for those that it can't, what to write instead.

use syn::{Type, TypeTraitObject};

use super::borrow::{Lasting, borrow_in};
use super::owned_form::owned_form;
use crate::diagnostics::Diagnostics;
use crate::tokens::{printed, ungrouped_type};

/// Whether a value of this type is copied and lent to the body, and not moved into it; reports a borrow that can't be owned.
pub(crate) fn is_lent(ty: &Type, lasting: &Lasting, diagnostics: &mut Diagnostics) -> bool {
    let Type::Reference(reference) = ungrouped_type(ty) else {
        if let Some(borrow) = borrow_in(ty, lasting) {
            diagnostics.error(borrow, hidden_borrow(ty));
        }
        return false;
    };
    let lasts = reference.lifetime.as_ref().is_some_and(|lifetime| lasting.contains(lifetime));
    let target = ungrouped_type(&reference.elem);
    let shown = printed(ty);
    if let Some(borrow) = borrow_in(target, lasting) {
        diagnostics.error(borrow, hidden_borrow(ty));
    } else if lasts {
        return false;
    } else if reference.mutability.is_some() {
        let advice = match owned_form(ty) {
            Some(owned) => format!("take it by value, as `{owned}`, or share it, as `Arc<Mutex<{owned}>>`"),
            None => "take it by value".to_owned(),
        };
        diagnostics.error(ty, format!("`{shown}` can't be lent to a task, which may outlive it; {advice}"));
    } else if let Type::TraitObject(object) = target {
        let object = sendable(object);
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

/// `dyn Display + Send + Sync` for `dyn Display`.
pub(super) fn sendable(object: &TypeTraitObject) -> String {
    let mut object = printed(object);
    for bound in ["Send", "Sync"] {
        if !object.contains(bound) {
            object = format!("{object} + {bound}");
        }
    }
    object
}

fn hidden_borrow(ty: &Type) -> String {
    let shown = printed(ty);
    let advice = match owned_form(ty) {
        Some(owned) => format!("take it owned, as `{owned}`, or share it in an `Arc`"),
        None => "take what it borrows from instead, owned or shared in an `Arc`".to_owned(),
    };
    format!("`{shown}` borrows from the caller, which the task may outlive; {advice}")
}
