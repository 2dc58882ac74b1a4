//! Which attributes of a parameter go where, and which of them are ours.

use quote::ToTokens as _;
use syn::Attribute;

use crate::tokens::words;

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
    /// The attributes to keep, and those of ours.
    pub(crate) fn sort(written: &[Attribute]) -> (Self, Vec<Marker>) {
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
            } else {
                attributes.signature.push(attribute);
            }
        }
        (attributes, markers)
    }
}
