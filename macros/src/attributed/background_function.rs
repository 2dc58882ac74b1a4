//! The function as the later stages need it, which keeps every rule or is refused.

use proc_macro2::{Ident, Span};
use syn::{Attribute, FnArg, ReturnType, Signature, Visibility};

use super::async_function::AsyncFunction;
use super::body::Body;
use super::borrow::Lasting;
use super::limit::check_limit;
use super::outside_name::{name_outside, named_elsewhere};
use super::parameter::Parameter;
use super::receiver::Receiver;
use super::returned::Returned;
use super::rules;
use super::stored;
use crate::diagnostics::Diagnostics;
use crate::tokens::edges;
use crate::written::Options;

/// The function of which a background function is made.
pub(crate) struct BackgroundFunction {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) receiver: Option<Receiver>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returned: Returned,
    /// The first token and the last of the type that is declared, if one is.
    pub(crate) returned_at: Option<(Span, Span)>,
    /// Whether the expression of a limit names nothing of a call.
    pub(crate) limit_is_right: bool,
    pub(crate) body: Option<Body>,
    /// Its calls are stored, and run by a worker: it is durable, in a runtime that has that.
    pub(crate) is_stored: bool,
}

pub(crate) fn check(function: AsyncFunction, options: &Options, diagnostics: &mut Diagnostics) -> BackgroundFunction {
    let AsyncFunction { mut attributes, visibility, signature, body } = function;
    rules::check_kind(&signature, body.as_ref(), diagnostics);
    rules::check_attributes(&mut attributes, diagnostics);

    let is_stored = options.durable.is_asked_for();
    let lasting = Lasting::of(&signature.generics);
    let mut receiver = None;
    let mut parameters = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(written) if is_stored => {
                stored::refuse_receiver(written, diagnostics);
                receiver = Some(Receiver::unread(written));
            }
            FnArg::Receiver(written) => receiver = Some(Receiver::read(written, &lasting, diagnostics)),
            FnArg::Typed(written) => parameters.push(Parameter::read(written, &lasting, is_stored, diagnostics)),
        }
    }
    if is_stored {
        stored::check_whole(&signature, options, diagnostics);
    }
    rules::check_contexts(&parameters, diagnostics);
    if !is_stored {
        // A stored call's names are refused, once.
        rules::check_inherited_once(&parameters, options, diagnostics);
    }
    let limit_is_right = check_limit(&signature, &parameters, options, diagnostics);
    let returned = Returned::read(&signature, &lasting, diagnostics);
    let returned_at = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(edges(ty)),
    };
    name_outside(&mut parameters, &named_elsewhere(&attributes, options));

    BackgroundFunction {
        attributes,
        visibility,
        signature,
        receiver,
        parameters,
        returned,
        returned_at,
        limit_is_right,
        body,
        is_stored: options.durable.is_possible(),
    }
}

impl BackgroundFunction {
    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }
}
