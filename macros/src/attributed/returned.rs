//! What the function returns, and what no task can return.

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{GenericArgument, PathArguments, ReturnType, Signature, Token, Type, TypeParamBound, parse_quote};

use super::borrow::{Lasting, borrow_in};
use super::owned_form::owned_form;
use super::sized_form::sized_form;
use crate::diagnostics::Diagnostics;
use crate::tokens::{printed, ungrouped_type};

/// What the callers of the function are told that it returns.
pub(crate) enum Returned {
    /// What it declares.
    Declared,
    /// It borrows, and is refused: the same, as if that would last.
    Lasting,
    /// It is a future, in a box or not, and is refused: what that gives.
    Awaited(Box<Type>),
    /// It has no size, or a part of it has none, and is refused: a type that has one.
    Sized(Box<Type>),
}

impl Returned {
    pub(crate) fn read(signature: &Signature, lasting: &Lasting, diagnostics: &mut Diagnostics) -> Self {
        let ReturnType::Type(_, ty) = &signature.output else {
            return Self::Declared;
        };
        if let Some(awaited) = future_in(&signature.output).or_else(|| boxed_future_in(&signature.output)) {
            if signature.asyncness.is_some() {
                diagnostics.error(ty, not_run(&awaited));
            }
            return Self::Awaited(Box::new(awaited));
        }
        if let Some((sized, parts)) = sized_form(ty) {
            for (part, advice) in parts {
                let shown = printed(part);
                let message = format!("`{shown}` has no size that is known, so nothing can return it; {advice}");
                diagnostics.error(part, message);
            }
            return Self::Sized(Box::new(sized));
        }
        match borrow_in(ty, lasting) {
            Some(borrow) => {
                diagnostics.error(borrow, borrowed(ty));
                Self::Lasting
            }
            None => Self::Declared,
        }
    }
}

/// What the future gives that is returned as `impl Future<Output = ..>`.
pub(super) fn future_in(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Type(_, ty) => match ungrouped_type(ty) {
            Type::ImplTrait(opaque) => awaited(&opaque.bounds),
            _ => None,
        },
        ReturnType::Default => None,
    }
}

/// The same, of a `Pin<Box<dyn Future<Output = ..>>>`, also by the name that the crate `futures` has for it.
pub(super) fn boxed_future_in(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, ty) = output else { return None };
    if let Some(given) = argument_of("BoxFuture", ty).or_else(|| argument_of("LocalBoxFuture", ty)) {
        return Some(given.clone());
    }
    match argument_of("Box", argument_of("Pin", ty).unwrap_or(ty))? {
        Type::TraitObject(object) => awaited(&object.bounds),
        _ => None,
    }
}

/// The `T` of a `Task<T>`.
pub(super) fn task_in(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Type(_, ty) => argument_of("Task", ty),
        ReturnType::Default => None,
    }
}

/// The `T` of `name<'a, T>`.
fn argument_of<'a>(name: &str, ty: &'a Type) -> Option<&'a Type> {
    let Type::Path(path) = ungrouped_type(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(argument) => Some(ungrouped_type(argument)),
        _ => None,
    })
}

fn awaited(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Option<Type> {
    let future = bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().filter(|last| is_future(&last.ident)),
        _ => None,
    })?;
    let PathArguments::AngleBracketed(arguments) = &future.arguments else { return Some(parse_quote!(())) };
    let given = arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assigned) if assigned.ident == "Output" => Some(assigned.ty.clone()),
        _ => None,
    });
    Some(given.unwrap_or_else(|| parse_quote!(())))
}

fn is_future(name: &Ident) -> bool {
    name == "Future" || name == "IntoFuture"
}

/// A task would hand the future out, and nobody would run it.
fn not_run(awaited: &Type) -> String {
    let awaited = printed(awaited);
    format!(
        "a task does not run the future that it returns; declare what that gives, as `{awaited}`, and await it in the body"
    )
}

fn borrowed(ty: &Type) -> String {
    let shown = printed(ty);
    let advice = match owned_form(ty) {
        Some(owned) => format!("return an owned value, as `{owned}`, or a shared one in an `Arc`"),
        None => "return an owned value, or a shared one in an `Arc`".to_owned(),
    };
    format!("a task can't return `{shown}`, it may outlive what it borrows from; {advice}")
}
