//! One parameter: what becomes of it, and which of its attributes go where.

use std::collections::HashSet;

use proc_macro2::Ident;
use quote::{ToTokens as _, format_ident};
use syn::spanned::Spanned as _;
use syn::{Attribute, GenericArgument, Meta, Pat, PatType, PathArguments, Type};

use crate::borrow::{Lasting, borrows};
use crate::diagnostics::Diagnostics;
use crate::owned_form::owned_form;
use crate::tokens::{own_name, printed, ungrouped_type, words};

pub(crate) struct Parameter {
    pub(crate) attributes: ParameterAttributes,
    /// What the body sees.
    pub(crate) pattern: Pat,
    pub(crate) ty: Type,
    pub(crate) role: Role,
    /// Its name in the new signature, which is the macro's own: the body can't see it.
    pub(crate) outer: Ident,
}

pub(crate) enum Role {
    /// Moved into the task.
    Owned,
    /// A reference: the task owns a copy, and the body sees a reference to that.
    Borrowed,
    /// `#[inherit]`: filled from the origin.
    Inherited(Box<InheritedParameter>),
    /// `#[context]`: the caller passes the origin, the body sees the task's own.
    Context,
}

pub(crate) struct InheritedParameter {
    pub(crate) name: String,
    /// The type of the value: `T` for an `Option<T>`.
    pub(crate) value: Type,
    pub(crate) optional: bool,
}

#[derive(Default)]
pub(crate) struct ParameterAttributes {
    /// `cfg`: wherever the parameter is mentioned.
    pub(crate) everywhere: Vec<Attribute>,
    /// Lint levels: where the body's name is bound, for that is what the compiler warns about.
    pub(crate) binding: Vec<Attribute>,
    /// Anything else: where the user wrote it.
    pub(crate) signature: Vec<Attribute>,
}

/// What the two attributes of ours on a parameter say.
enum Marker {
    Inherit(Attribute),
    Context(Attribute),
}

impl Parameter {
    pub(crate) fn read(written: &PatType, lasting: &Lasting, diagnostics: &mut Diagnostics) -> Self {
        let (attributes, markers) = sort_attributes(&written.attrs);
        Self {
            role: role(written, markers, lasting, diagnostics),
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
            Type::Reference(reference) => reference.elem.span(),
            ty => ty.span(),
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

/// Names the parameters of the new signature as the user did, so that the documentation shows the same names; a
/// pattern gets a number. A parameter named in `elsewhere` (the expression of an option, another attribute) keeps the
/// user's own name, because its value is asked for from there.
pub(crate) fn name_outside(parameters: &mut [Parameter], elsewhere: &HashSet<String>) {
    let mut taken = HashSet::new();
    for (index, parameter) in parameters.iter_mut().enumerate() {
        let numbered = format_ident!("__arg{index}", span = proc_macro2::Span::mixed_site());
        parameter.outer = match parameter.plain_name() {
            // Names with two underscores are the macro's.
            Some(name) if name.to_string().starts_with("__") => numbered,
            Some(name) if elsewhere.contains(&name.to_string()) => name.clone(),
            // Two of the same spelling come from two macros; ours would be one and the same.
            Some(name) if taken.insert(name.to_string()) => own_name(name),
            _ => numbered,
        };
    }
}

fn role(written: &PatType, markers: Vec<Marker>, lasting: &Lasting, diagnostics: &mut Diagnostics) -> Role {
    let mut markers = markers.into_iter();
    let marker = markers.next();
    if let Some(Marker::Inherit(second) | Marker::Context(second)) = markers.next() {
        diagnostics.error(second, "a parameter is either inherited or the context; keep one of the attributes");
    }
    match marker {
        None => by_type(&written.ty, lasting, diagnostics),
        Some(Marker::Inherit(attribute)) => inherited(written, &attribute, lasting, diagnostics),
        Some(Marker::Context(attribute)) => context(&attribute, diagnostics),
    }
}

/// Whether a parameter of this type is moved or copied; reports a borrow that can't be owned.
pub(crate) fn by_type(ty: &Type, lasting: &Lasting, diagnostics: &mut Diagnostics) -> Role {
    let Type::Reference(reference) = ungrouped_type(ty) else {
        if borrows(ty, lasting) {
            diagnostics.error(ty, hidden_borrow(ty));
        }
        return Role::Owned;
    };
    let lasts = reference.lifetime.as_ref().is_some_and(|lifetime| lasting.contains(lifetime));
    let target = ungrouped_type(&reference.elem);
    let shown = printed(ty);
    if borrows(target, lasting) {
        diagnostics.error(ty, hidden_borrow(ty));
    } else if lasts {
        return Role::Owned;
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
    Role::Borrowed
}

fn hidden_borrow(ty: &Type) -> String {
    let shown = printed(ty);
    let owned = owned_form(ty);
    format!(
        "`{shown}` borrows from the caller, which the task may outlive; take it owned, as `{owned}`, or share it in an \
         `Arc`"
    )
}

fn inherited(written: &PatType, attribute: &Attribute, lasting: &Lasting, diagnostics: &mut Diagnostics) -> Role {
    expect_bare("inherit", attribute, diagnostics);
    if borrows(&written.ty, lasting) {
        let owned = owned_form(&written.ty);
        diagnostics.error(&written.ty, format!("an inherited parameter is a value of its own; write `{owned}`"));
    }
    let Some(name) = plain_name(&written.pat) else {
        diagnostics.error(
            &written.pat,
            "an inherited parameter is found by its name; write a plain name, as in `#[inherit] user_id: UserId`",
        );
        return Role::Owned;
    };
    let inside = inside_option(&written.ty);
    Role::Inherited(Box::new(InheritedParameter {
        name: syn::ext::IdentExt::unraw(name).to_string(),
        optional: inside.is_some(),
        value: inside.unwrap_or(&written.ty).clone(),
    }))
}

fn context(attribute: &Attribute, diagnostics: &mut Diagnostics) -> Role {
    expect_bare("context", attribute, diagnostics);
    Role::Context
}

fn expect_bare(name: &str, attribute: &Attribute, diagnostics: &mut Diagnostics) {
    if !matches!(attribute.meta, Meta::Path(_)) {
        diagnostics.error(attribute, format!("`#[{name}]` takes no arguments; write `#[{name}]`"));
    }
}

/// The `T` of a type written as `Option<T>`.
fn inside_option(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ungrouped_type(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == "Option" => match arguments.args.first() {
            Some(GenericArgument::Type(value)) if arguments.args.len() == 1 => Some(value),
            _ => None,
        },
        _ => None,
    }
}

fn sort_attributes(written: &[Attribute]) -> (ParameterAttributes, Vec<Marker>) {
    let mut attributes = ParameterAttributes::default();
    let mut markers = Vec::new();
    for attribute in written.iter().cloned() {
        let words = words(attribute.meta.to_token_stream());
        let conditional = attribute.path().is_ident("cfg_attr");
        let says = |names: &[&str]| match words.first() {
            Some(_) if conditional => words.iter().skip(1).any(|word| names.contains(&word.as_str())),
            Some(first) => names.contains(&first.as_str()),
            None => false,
        };
        if says(&["cfg"]) {
            attributes.everywhere.push(attribute);
        } else if says(&["allow", "expect", "warn", "deny", "forbid"]) {
            attributes.binding.push(attribute);
        } else if attribute.path().is_ident("inherit") {
            markers.push(Marker::Inherit(attribute));
        } else if attribute.path().is_ident("context") {
            markers.push(Marker::Context(attribute));
        } else {
            attributes.signature.push(attribute);
        }
    }
    (attributes, markers)
}
