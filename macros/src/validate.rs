//! The rules a function has to keep, and the function as the later stages need it.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::{Attribute, FnArg, ReceiverKind, ReturnType, Signature, Type, Visibility};

use crate::async_function::{AsyncFunction, Body};
use crate::borrow::{Lasting, borrows};
use crate::diagnostics::Diagnostics;
use crate::owned_form::owned_form;
use crate::parameter::{self, Parameter, Role};
use crate::tokens::{printed, words};
use crate::written::{Inherited, Options, Timeout};

/// The function of which a background function is made.
pub(crate) struct BackgroundFunction {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) receiver: Option<Receiver>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
}

pub(crate) struct Receiver {
    pub(crate) written: syn::Receiver,
    /// `&self`: the task owns a copy of what it refers to.
    pub(crate) borrowed: bool,
}

pub(crate) fn check(function: AsyncFunction, options: &Options, diagnostics: &mut Diagnostics) -> BackgroundFunction {
    let AsyncFunction { mut attributes, visibility, signature, body } = function;
    check_kind(&signature, body.is_some(), diagnostics);
    check_applied_once(&attributes, diagnostics);
    // It would only say again, in other words, what has been said.
    attributes.retain(|attribute| !is_background(attribute));

    let lasting = Lasting::of(&signature.generics);
    let mut receiver = None;
    let mut parameters = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(written) => receiver = Some(read_receiver(written, &lasting, diagnostics)),
            FnArg::Typed(written) => parameters.push(Parameter::read(written, &lasting, diagnostics)),
        }
    }
    check_contexts(&parameters, diagnostics);
    check_inherited_once(&parameters, options, diagnostics);
    check_output(&signature.output, &lasting, diagnostics);
    parameter::name_outside(&mut parameters, &named_elsewhere(&attributes, options));

    BackgroundFunction { attributes, visibility, signature, receiver, parameters, body }
}

/// Says at most one thing: what makes it no background function at all.
fn check_kind(signature: &Signature, has_body: bool, diagnostics: &mut Diagnostics) {
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
fn check_applied_once(attributes: &[Attribute], diagnostics: &mut Diagnostics) {
    for again in attributes.iter().filter(|it| is_background(it)) {
        diagnostics.error(again, "`#[background]` is applied twice; keep one of them");
    }
}

fn is_background(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "background")
}

fn check_contexts(parameters: &[Parameter], diagnostics: &mut Diagnostics) {
    let contexts = parameters.iter().filter(|it| matches!(it.role, Role::Context));
    for second in contexts.skip(1) {
        diagnostics.error(&second.pattern, "a call has one context; keep one `#[context]` parameter");
    }
}

fn check_inherited_once(parameters: &[Parameter], options: &Options, diagnostics: &mut Diagnostics) {
    for parameter in parameters {
        let Role::Inherited(inherited) = &parameter.role else {
            continue;
        };
        for entry in options.inherit.value().into_iter().flatten() {
            match entry {
                Inherited::Name(listed) if listed.name == inherited.name => {
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

fn check_output(output: &ReturnType, lasting: &Lasting, diagnostics: &mut Diagnostics) {
    let ReturnType::Type(_, ty) = output else {
        return;
    };
    if borrows(ty, lasting) {
        let (shown, owned) = (printed(ty), owned_form(ty));
        diagnostics.error(
            ty,
            format!(
                "a task can't return `{shown}`, it may outlive what it borrows from; return an owned value, as \
                 `{owned}`, or a shared one in an `Arc`"
            ),
        );
    }
}

fn read_receiver(written: &syn::Receiver, lasting: &Lasting, diagnostics: &mut Diagnostics) -> Receiver {
    let borrowed = match &written.kind {
        ReceiverKind::Reference(_, _, Some(_)) => {
            diagnostics.error(
                written,
                "`&mut self` can't be lent to a task, which may outlive it; take `self`, or `self: Arc<Self>` with a \
                 lock inside",
            );
            true
        }
        ReceiverKind::Reference(_, lifetime, None) => {
            !lifetime.as_ref().is_some_and(|lifetime| lasting.contains(lifetime))
        }
        ReceiverKind::Typed(_, ty) => is_borrowed(ty, lasting, diagnostics),
        _ => false,
    };
    Receiver { written: written.clone(), borrowed }
}

fn is_borrowed(ty: &Type, lasting: &Lasting, diagnostics: &mut Diagnostics) -> bool {
    matches!(parameter::by_type(ty, lasting, diagnostics), Role::Borrowed)
}

/// What is named outside of the body: by the expressions of the options and by the other attributes.
fn named_elsewhere(attributes: &[Attribute], options: &Options) -> HashSet<String> {
    let mut tokens = TokenStream::new();
    if let Some(Timeout::Computed(expression)) = options.timeout.value() {
        expression.to_tokens(&mut tokens);
    }
    options.supervisor.value().to_tokens(&mut tokens);
    for attribute in attributes {
        attribute.meta.to_tokens(&mut tokens);
    }
    words(tokens).into_iter().collect()
}

impl Receiver {
    /// Whether the body sees another `self` than the function's: a copy of what that borrows, or, of a `mut self`, a
    /// variable, as in a plain `async fn`. A captured one is no variable to the compiler, which would warn about changes
    /// of it that nothing reads.
    pub(crate) fn is_renamed(&self) -> bool {
        self.borrowed || self.written.mutability.is_some()
    }
}

impl BackgroundFunction {
    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }
}
