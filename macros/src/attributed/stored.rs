//! What cannot be stored of a function's call, told where it is written.

use syn::visit::{self, Visit};
use syn::{Attribute, GenericParam, Ident, Meta, PatType, Safety, Signature, Type, TypeImplTrait};

use super::borrow::{Lasting, borrow_in};
use super::owned_form::owned_form;
use crate::diagnostics::Diagnostics;
use crate::tokens::{printed, ungrouped_type};
use crate::written::{Inherited, Options};

/// An argument, of which it says one thing at most.
pub(super) fn check_argument(
    written: &PatType,
    plain_name: Option<&Ident>,
    lasting: &Lasting,
    diagnostics: &mut Diagnostics,
) {
    let ty = &written.ty;
    let shown = printed(ty);
    let by_value = owned_form(ty).map_or("an owned value".to_owned(), |owned| format!("it by value, as `{owned}`"));
    if let Some(borrow) = borrow_in(ty, lasting) {
        diagnostics.error(
            borrow,
            format!(
                "`{shown}` borrows from the caller, which a stored call outlives; take {by_value}, or let the worker give \
                 it, as `#[state]`"
            ),
        );
    } else if matches!(ungrouped_type(ty), Type::Reference(_)) {
        diagnostics
            .error(ty, format!("`{shown}` can't be read again from a store, which lends nothing; take {by_value}"));
    } else if let Some(opaque) = opaque_in(written) {
        let shown = printed(&opaque);
        diagnostics.error(
            opaque,
            format!("`{shown}` can't be read again from a store, which does not know its type; write that type"),
        );
    } else if plain_name.is_none() {
        diagnostics.error(
            &written.pat,
            "an argument is stored under its parameter's name; write a plain name, and take the value apart in the body",
        );
    }
}

pub(super) fn check_state(
    written: &PatType,
    attribute: &Attribute,
    lasting: &Lasting,
    is_stored: bool,
    diagnostics: &mut Diagnostics,
) {
    if !is_stored {
        diagnostics.error(
            attribute,
            "a state is given by the worker that runs a stored call; write `durable = \"mail\"` too, or leave `#[state]` out",
        );
    } else if !matches!(attribute.meta, Meta::Path(_)) {
        diagnostics
            .error(attribute, "`#[state]` takes no arguments, it goes by the parameter's type; write `#[state]`");
    } else if let Some(borrow) = borrow_in(&written.ty, lasting) {
        let advice = owned_form(&written.ty).map_or("take an owned one".to_owned(), |owned| format!("write `{owned}`"));
        diagnostics.error(borrow, format!("a state is a value of its own, a clone of the worker's; {advice}"));
    }
}

/// A bare name does not say what type is to be read again.
pub(super) fn refuse_bare_inherit(attribute: &Attribute, diagnostics: &mut Diagnostics) {
    diagnostics.error(attribute, format!("{BY_KEY}, as in `#[inherit(USER_ID)]`"));
}

const BY_KEY: &str =
    "a durable function inherits by a stored key, which knows how its value is written and read; name one";

pub(super) fn refuse_receiver(written: &syn::Receiver, diagnostics: &mut Diagnostics) {
    diagnostics.error(
        written,
        "`self` can't be stored with a call; write a free function that takes what it needs of `self` as arguments, or \
         from the worker, as `#[state]`",
    );
}

pub(super) fn check_whole(signature: &Signature, options: &Options, diagnostics: &mut Diagnostics) {
    for param in &signature.generics.params {
        let what = match param {
            GenericParam::Lifetime(_) => "borrow",
            GenericParam::Type(_) | GenericParam::Const(_) => "be generic",
        };
        diagnostics.error(
            param,
            format!("a durable function can't {what}: its worker has only what was stored; write the types themselves"),
        );
    }
    if let Safety::Unsafe(keyword) = &signature.safety {
        diagnostics.error(keyword, "a durable function can't be unsafe, its worker calls it; check in the body");
    }
    for entry in options.inherit.value().into_iter().flatten() {
        if let Inherited::Name(name) = entry {
            diagnostics.error(&name.written, format!("{BY_KEY}, as in `inherit = [USER_ID]`"));
        }
    }
}

/// The first `impl Trait` in the type.
fn opaque_in(written: &PatType) -> Option<TypeImplTrait> {
    struct Search(Option<TypeImplTrait>);
    impl<'ast> Visit<'ast> for Search {
        fn visit_type_impl_trait(&mut self, opaque: &'ast TypeImplTrait) {
            self.0.get_or_insert_with(|| opaque.clone());
            visit::visit_type_impl_trait(self, opaque);
        }
    }
    let mut search = Search(None);
    search.visit_type(&written.ty);
    search.0
}
