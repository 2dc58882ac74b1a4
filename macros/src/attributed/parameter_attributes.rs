//! Which attributes of a parameter go where, and which of them are ours.

use quote::ToTokens as _;
use syn::Attribute;

use crate::diagnostics::Diagnostics;
use crate::tokens::{printed, words};
use crate::written::nearest;

#[derive(Default)]
pub(crate) struct ParameterAttributes {
    /// `cfg`: wherever the parameter is mentioned.
    pub(crate) everywhere: Vec<Attribute>,
    /// Lint levels: where the body's name is bound, for that is what the compiler warns about.
    pub(crate) binding: Vec<Attribute>,
    /// Anything else: where the user wrote it.
    pub(crate) signature: Vec<Attribute>,
}

/// What the attributes of ours on a parameter say.
pub(crate) enum Marker {
    Inherit(Attribute),
    Context(Attribute),
    State(Attribute),
}

impl ParameterAttributes {
    /// The attributes to keep, and those of ours. One that is spelt alike is told so, and taken for it.
    pub(crate) fn sort(written: &[Attribute], diagnostics: &mut Diagnostics) -> (Self, Vec<Marker>) {
        let mut attributes = Self::default();
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
            } else if attribute.path().is_ident("state") {
                markers.push(Marker::State(attribute));
            } else if let Some(meant) = misspelt(&attribute) {
                let written = printed(attribute.path());
                diagnostics.error(
                    attribute.path(),
                    format!("unknown attribute `{written}` of a parameter, did you mean `#[{meant}]`?"),
                );
                markers.push(match meant {
                    "inherit" => Marker::Inherit(attribute),
                    "state" => Marker::State(attribute),
                    _ => Marker::Context(attribute),
                });
            } else {
                attributes.signature.push(attribute);
            }
        }
        (attributes, markers)
    }
}

/// The attribute of ours that one stands for.
fn misspelt(attribute: &Attribute) -> Option<&'static str> {
    let written = attribute.path().segments.last()?.ident.to_string();
    match written.as_str() {
        "ctx" | "cx" => Some("context"),
        "from_context" | "carry" => Some("inherit"),
        other => nearest(other, &["inherit", "context", "state"]),
    }
}
