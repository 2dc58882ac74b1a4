//! One parameter, as the body and the new signature have it.

use proc_macro2::Ident;
use quote::format_ident;
use syn::{Pat, PatType, Type};

use super::borrow::Lasting;
use super::parameter_attributes::ParameterAttributes;
use super::role::Role;
use crate::diagnostics::Diagnostics;
use crate::tokens::{first_span, ungrouped_type};

pub(crate) struct Parameter {
    pub(crate) attributes: ParameterAttributes,
    /// What the body sees.
    pub(crate) pattern: Pat,
    pub(crate) ty: Type,
    pub(crate) role: Role,
    /// Its name in the new signature, which is the macro's own: the body can't see it.
    pub(crate) outer: Ident,
}

impl Parameter {
    /// Of a durable function it `is_stored`, unless it says otherwise.
    pub(crate) fn read(written: &PatType, lasting: &Lasting, is_stored: bool, diagnostics: &mut Diagnostics) -> Self {
        let (attributes, markers) = ParameterAttributes::sort(&written.attrs, diagnostics);
        Self {
            role: Role::read(written, plain_name(&written.pat), markers, lasting, is_stored, diagnostics),
            attributes,
            pattern: (*written.pat).clone(),
            ty: (*written.ty).clone(),
            outer: format_ident!("__unnamed"),
        }
    }

    /// The name, of a parameter that is one plain name.
    pub(crate) fn plain_name(&self) -> Option<&Ident> {
        plain_name(&self.pattern)
    }

    /// Named with a leading underscore.
    pub(crate) fn is_marked_unused(&self) -> bool {
        self.plain_name().is_some_and(|name| name.to_string().starts_with('_'))
    }

    /// Declared as `&T`.
    pub(crate) fn is_reference(&self) -> bool {
        matches!(ungrouped_type(&self.ty), Type::Reference(_))
    }

    /// The outer name, shown at the type (of a reference: at what it refers to), so that an error about the type is
    /// there.
    pub(crate) fn outer_at_type(&self) -> Ident {
        let place = match ungrouped_type(&self.ty) {
            Type::Reference(reference) => first_span(&reference.elem),
            ty => first_span(ty),
        };
        let mut name = self.outer.clone();
        name.set_span(name.span().located_at(place));
        name
    }
}

fn plain_name(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        // It may be a unit struct, and binds nothing then.
        Pat::Ident(name) if name.ident.to_string().starts_with(char::is_uppercase) => None,
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Some(&name.ident),
        Pat::Paren(paren) => plain_name(&paren.pat),
        _ => None,
    }
}
