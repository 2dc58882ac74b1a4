//! A function as it is written, whose body is never parsed.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Signature, Visibility};

use super::body::Body;

/// Its body may hold what only the compiler can parse, or what is typed just now.
pub(crate) struct AsyncFunction {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// Absent for a trait's method that has no default.
    pub(crate) body: Option<Body>,
}

impl AsyncFunction {
    pub(super) fn read(item: TokenStream) -> syn::Result<Self> {
        let read = |input: ParseStream<'_>| {
            Ok(Self {
                attributes: input.call(Attribute::parse_outer)?,
                visibility: input.parse()?,
                signature: input.parse()?,
                body: Body::read(input)?,
            })
        };
        read.parse2(item)
    }
}
