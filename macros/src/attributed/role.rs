//! What becomes of a parameter: what its attribute says, else its type.

use proc_macro2::Ident;
use syn::{Attribute, GenericArgument, Meta, PatType, PathArguments, Type};

use super::borrow::{Lasting, borrows};
use super::lending::is_lent;
use super::owned_form::owned_form;
use super::parameter_attributes::Marker;
use crate::diagnostics::Diagnostics;
use crate::tokens::ungrouped_type;

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

impl Role {
    /// A parameter that is one plain name has a `plain_name`.
    pub(crate) fn read(
        written: &PatType,
        plain_name: Option<&Ident>,
        markers: Vec<Marker>,
        lasting: &Lasting,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut markers = markers.into_iter();
        let marker = markers.next();
        if let Some(Marker::Inherit(second) | Marker::Context(second)) = markers.next() {
            diagnostics.error(second, "a parameter is either inherited or the context; keep one of the attributes");
        }
        match marker {
            None if is_lent(&written.ty, lasting, diagnostics) => Self::Borrowed,
            None => Self::Owned,
            Some(Marker::Inherit(attribute)) => inherited(written, plain_name, &attribute, lasting, diagnostics),
            Some(Marker::Context(attribute)) => context(&attribute, diagnostics),
        }
    }
}

fn inherited(
    written: &PatType,
    plain_name: Option<&Ident>,
    attribute: &Attribute,
    lasting: &Lasting,
    diagnostics: &mut Diagnostics,
) -> Role {
    expect_bare("inherit", attribute, diagnostics);
    if borrows(&written.ty, lasting) {
        let owned = owned_form(&written.ty);
        diagnostics.error(&written.ty, format!("an inherited parameter is a value of its own; write `{owned}`"));
    }
    let Some(name) = plain_name else {
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
