//! The rules that a function has to keep as a whole. Those about one parameter are checked where that is read.

use syn::{Attribute, ReturnType, Signature};

use super::borrow::{Lasting, borrow_in};
use super::owned_form::owned_form;
use super::parameter::Parameter;
use super::role::{InheritedBy, Role};
use crate::diagnostics::Diagnostics;
use crate::tokens::printed;
use crate::written::{Inherited, Options};

/// Says at most one thing: what makes it no background function at all.
pub(crate) fn check_kind(signature: &Signature, has_body: bool, diagnostics: &mut Diagnostics) {
    let name = &signature.ident;
    let output = match &signature.output {
        ReturnType::Default => "()".to_owned(),
        ReturnType::Type(_, ty) => printed(ty),
    };
    if signature.asyncness.is_none() {
        diagnostics.error(signature.fn_token, format!("`#[background]` needs an `async fn`; write `async fn {name}`"));
    } else if !has_body {
        diagnostics.error(
            name,
            format!(
                "`{name}` has no body to run; declare it as `fn {name}(..) -> detached::Task<{output}>` and put \
                 `#[background]` on its implementations"
            ),
        );
    }
}

/// A second `#[background]` would see the function that this one makes, which is no `async fn`.
pub(crate) fn check_applied_once(attributes: &[Attribute], diagnostics: &mut Diagnostics) {
    for again in attributes.iter().filter(|it| is_background(it)) {
        diagnostics.error(again, "`#[background]` is applied twice; keep one of them");
    }
}

pub(crate) fn is_background(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "background")
}

pub(crate) fn check_contexts(parameters: &[Parameter], diagnostics: &mut Diagnostics) {
    let contexts = parameters.iter().filter(|it| matches!(it.role, Role::Context));
    for second in contexts.skip(1) {
        diagnostics.error(&second.pattern, "a call has one context; keep one `#[context]` parameter");
    }
}

pub(crate) fn check_inherited_once(parameters: &[Parameter], options: &Options, diagnostics: &mut Diagnostics) {
    for parameter in parameters {
        // Two paths may be of one key, and a group may hold it: those are for the compiler to see, and do no harm.
        let Some(InheritedBy::Name(inherited)) = parameter.role.inherited().map(|inherited| &inherited.by) else {
            continue;
        };
        for entry in options.inherit.value().into_iter().flatten() {
            match entry {
                Inherited::Name(listed) if listed.name == *inherited => {
                    let name = &listed.name;
                    let message =
                        format!("the parameter `{name}` inherits this value already; leave it out of the list");
                    diagnostics.error(&listed.written, message);
                }
                _ => {}
            }
        }
    }
}

/// Whether what is returned borrows, which is reported.
pub(crate) fn check_output(output: &ReturnType, lasting: &Lasting, diagnostics: &mut Diagnostics) -> bool {
    let ReturnType::Type(_, ty) = output else {
        return false;
    };
    let Some(borrow) = borrow_in(ty, lasting) else {
        return false;
    };
    let shown = printed(ty);
    let advice = match owned_form(ty) {
        Some(owned) => format!("return an owned value, as `{owned}`, or a shared one in an `Arc`"),
        None => "return an owned value, or a shared one in an `Arc`".to_owned(),
    };
    diagnostics.error(borrow, format!("a task can't return `{shown}`, it may outlive what it borrows from; {advice}"));
    true
}
