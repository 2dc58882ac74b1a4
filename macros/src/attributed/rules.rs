//! The rules that a function has to keep as a whole. Those about one parameter are checked where that is read.

use syn::{Attribute, ReturnType, Signature};

use super::body::Body;
use super::parameter::Parameter;
use super::returned::future_in;
use super::role::{InheritedBy, Role};
use crate::diagnostics::Diagnostics;
use crate::tokens::{printed, words};
use crate::written::{Inherited, Options};

/// Says at most one thing: what makes it no background function at all.
pub(crate) fn check_kind(signature: &Signature, body: Option<&Body>, diagnostics: &mut Diagnostics) {
    let name = &signature.ident;
    if body.is_none() {
        let output = match (future_in(&signature.output), &signature.output) {
            (Some(awaited), _) => printed(awaited),
            (None, ReturnType::Default) => "()".to_owned(),
            (None, ReturnType::Type(_, ty)) => printed(ty),
        };
        let message = format!(
            "`{name}` has no body to run; declare it as `fn {name}(..) -> detached::Task<{output}>` and put \
             `#[background]` on its implementations"
        );
        diagnostics.error(name, message);
    } else if signature.asyncness.is_none() {
        let advice = match future_in(&signature.output) {
            Some(awaited) => {
                let awaited = printed(awaited);
                format!("`{name}` returns a future; write `async fn {name}(..) -> {awaited}`, and await it in the body")
            }
            // As `#[tokio::main]` makes it do.
            None if body.is_some_and(waits) => format!(
                "`{name}` waits with `block_on`; write `async fn {name}`, and leave out an attribute that makes it wait"
            ),
            None => format!("write `async fn {name}`"),
        };
        diagnostics.error(signature.fn_token, format!("`#[background]` needs an `async fn`; {advice}"));
    } else if let Some(constant) = signature.constness {
        diagnostics.error(constant, "a background function is `async`, and no such function is `const`; leave it out");
    }
}

fn waits(body: &Body) -> bool {
    words(body.block.stream()).iter().any(|word| word == "block_on")
}

/// Attributes that have nothing to do below this one, and are not to say so themselves.
pub(crate) fn check_attributes(attributes: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) {
    attributes.retain(|attribute| {
        let last = attribute.path().segments.last().map(|last| last.ident.to_string());
        let message = match last.as_deref() {
            // A second one would see the function that this one makes, which is no `async fn`.
            Some("background") => "`#[background]` is applied twice; keep one of them",
            Some("async_recursion") => "a background function may call itself, each call is a task; leave this out",
            _ => return true,
        };
        diagnostics.error(attribute, message);
        false
    });
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
