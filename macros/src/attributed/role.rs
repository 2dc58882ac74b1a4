//! What becomes of a parameter: what its attribute says, else its type.

use proc_macro2::Ident;
use syn::{Attribute, Expr, ExprPath, GenericArgument, Meta, PatType, Path, PathArguments, Type, parse_quote};

use super::borrow::{Lasting, borrow_in};
use super::lending::is_lent;
use super::owned_form::owned_form;
use super::parameter_attributes::Marker;
use super::stored;
use crate::diagnostics::Diagnostics;
use crate::tokens::{ungrouped_expression, ungrouped_type};

pub(crate) enum Role {
    /// Moved into the task.
    Owned,
    /// A reference: the task owns a copy, and the body sees a reference to that.
    Borrowed,
    /// `#[inherit]`, `#[inherit(KEY)]`: filled from the origin.
    Inherited(Box<InheritedParameter>),
    /// `#[context]`: the caller passes the origin, the body sees the task's own.
    Context,
    /// `#[state]`: given by the worker that runs a stored call.
    State,
}

pub(crate) struct InheritedParameter {
    pub(crate) by: InheritedBy,
    /// The type of the value: `T` for an `Option<T>`.
    pub(crate) value: Type,
    pub(crate) optional: bool,
}

/// How the value of an inherited parameter is found.
pub(crate) enum InheritedBy {
    /// `#[inherit] user_id: UserId`.
    Name(String),
    /// `#[inherit(USER_ID)] user: UserId`.
    Key(Path),
}

impl Role {
    /// A parameter that is one plain name has a `plain_name`.
    pub(crate) fn read(
        written: &PatType,
        plain_name: Option<&Ident>,
        markers: Vec<Marker>,
        lasting: &Lasting,
        is_stored: bool,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut markers = markers.into_iter();
        let marker = markers.next();
        if let Some(Marker::Inherit(second) | Marker::Context(second) | Marker::State(second)) = markers.next() {
            let message = "a parameter is either inherited, the context or a state; keep one of the attributes";
            diagnostics.error(second, message);
        }
        match marker {
            None if is_stored => {
                stored::check_argument(written, plain_name, lasting, diagnostics);
                Self::Owned
            }
            Some(Marker::State(attribute)) => {
                stored::check_state(written, &attribute, lasting, is_stored, diagnostics);
                Self::State
            }
            None if is_lent(&written.ty, lasting, diagnostics) => Self::Borrowed,
            None => Self::Owned,
            Some(Marker::Inherit(attribute)) => {
                let by = inherited_by(written, plain_name, &attribute, is_stored, diagnostics);
                inherited(written, by, lasting, diagnostics)
            }
            Some(Marker::Context(attribute)) => context(&attribute, diagnostics),
        }
    }

    pub(crate) fn inherited(&self) -> Option<&InheritedParameter> {
        match self {
            Self::Inherited(inherited) => Some(inherited),
            _ => None,
        }
    }
}

fn inherited(written: &PatType, by: InheritedBy, lasting: &Lasting, diagnostics: &mut Diagnostics) -> Role {
    let borrow = borrow_in(&written.ty, lasting);
    if let Some(borrow) = &borrow {
        let advice = owned_form(&written.ty).map_or("take an owned one".to_owned(), |owned| format!("write `{owned}`"));
        diagnostics.error(borrow, format!("an inherited parameter is a value of its own; {advice}"));
    }
    let inside = inside_option(&written.ty);
    Role::Inherited(Box::new(InheritedParameter {
        by,
        optional: inside.is_some(),
        // Of a borrow it has been said that it is another type.
        value: if borrow.is_some() { parse_quote!(_) } else { inside.unwrap_or(&written.ty).clone() },
    }))
}

fn inherited_by(
    written: &PatType,
    plain_name: Option<&Ident>,
    attribute: &Attribute,
    is_stored: bool,
    diagnostics: &mut Diagnostics,
) -> InheritedBy {
    match &attribute.meta {
        Meta::Path(_) if is_stored => stored::refuse_bare_inherit(attribute, diagnostics),
        Meta::Path(_) if plain_name.is_none() => diagnostics.error(
            &written.pat,
            "an inherited parameter is found by its name or by a key; write a plain name, as in `#[inherit] user_id: \
             UserId`, or a key, as in `#[inherit(USER_ID)]`",
        ),
        Meta::Path(_) => {}
        Meta::List(list) => match list.parse_args().map(ungrouped_expression) {
            Ok(Expr::Path(ExprPath { qself: None, path, .. })) => return InheritedBy::Key(path),
            Ok(Expr::Try(asked)) => {
                diagnostics
                    .error(asked.question_token, "a parameter is optional by its type; write `Option<..>` there");
            }
            _ if list.tokens.is_empty() => diagnostics.error(attribute, NO_KEY),
            _ => diagnostics.error(&list.tokens, NO_KEY),
        },
        Meta::NameValue(_) => diagnostics.error(attribute, NO_KEY),
    }
    InheritedBy::Name(plain_name.map(|name| syn::ext::IdentExt::unraw(name).to_string()).unwrap_or_default())
}

const NO_KEY: &str = "expected the path of a key, as in `#[inherit(USER_ID)]`, or no argument, as in `#[inherit] user_id: \
                      UserId`, which goes by the parameter's name";

fn context(attribute: &Attribute, diagnostics: &mut Diagnostics) -> Role {
    if !matches!(attribute.meta, Meta::Path(_)) {
        diagnostics.error(attribute, "`#[context]` takes no arguments; write `#[context]`");
    }
    Role::Context
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
