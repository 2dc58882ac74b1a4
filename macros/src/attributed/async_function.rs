//! A function as it is written, whose body is never parsed.

use proc_macro2::TokenStream;
use quote::{ToTokens, TokenStreamExt as _};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Signature, Token, Visibility};

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

/// As it is written.
impl ToTokens for AsyncFunction {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, visibility, signature, body } = self;
        tokens.append_all(attributes);
        visibility.to_tokens(tokens);
        signature.to_tokens(tokens);
        match body {
            Some(body) => body.written.to_tokens(tokens),
            None => <Token![;]>::default().to_tokens(tokens),
        }
    }
}
