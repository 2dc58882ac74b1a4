//! The body of the function, which is tokens: nothing but the attributes at its start is looked at.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::Token;
use syn::parse::ParseStream;

use crate::tokens::{is_punct, ungrouped_block};

pub(crate) struct Body {
    /// `#![allow(..)]` at the start of the body: about the whole function, so they stay at its start.
    pub(crate) inner_attributes: TokenStream,
    /// With both.
    pub(crate) written: Group,
    /// The braces and all other tokens between them, untouched.
    pub(crate) block: Group,
}

impl Body {
    /// Nothing, if a `;` stands in its place.
    pub(crate) fn read(input: ParseStream<'_>) -> syn::Result<Option<Self>> {
        if input.parse::<Option<Token![;]>>()?.is_some() {
            return Ok(None);
        }
        match ungrouped_block(input.parse()?) {
            Some(block) => Ok(Some(split_inner_attributes(block))),
            None => Err(input.error("expected the body of the function")),
        }
    }
}

fn split_inner_attributes(block: Group) -> Body {
    let trees: Vec<_> = block.stream().into_iter().collect();
    let mut rest = &trees[..];
    while let [hash, bang, TokenTree::Group(content), after @ ..] = rest {
        if !is_punct(hash, '#') || !is_punct(bang, '!') || content.delimiter() != Delimiter::Bracket {
            break;
        }
        rest = after;
    }
    let (inner_attributes, rest) = trees.split_at(trees.len() - rest.len());
    let inner_attributes: TokenStream = inner_attributes.iter().cloned().collect();
    if inner_attributes.is_empty() {
        return Body { inner_attributes, written: block.clone(), block };
    }
    let mut stripped = Group::new(Delimiter::Brace, rest.iter().cloned().collect());
    stripped.set_span(block.span());
    Body { inner_attributes, written: block, block: stripped }
}
