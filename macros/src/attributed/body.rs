//! The body of the function, which is tokens: nothing but the attributes at its start is looked at.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::Token;
use syn::parse::ParseStream;

use crate::tokens::ungrouped_block;

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
    let mut inner_attributes = TokenStream::new();
    let mut trees = block.stream().into_iter();
    let mut rest = trees.clone();
    while let Some(attribute) = inner_attribute(&mut trees) {
        inner_attributes.extend(attribute);
        rest = trees.clone();
    }
    if inner_attributes.is_empty() {
        return Body { inner_attributes, written: block.clone(), block };
    }
    let mut stripped = Group::new(Delimiter::Brace, rest.collect());
    stripped.set_span(block.span());
    Body { inner_attributes, written: block, block: stripped }
}

/// `#![..]`, if that comes next.
fn inner_attribute(trees: &mut impl Iterator<Item = TokenTree>) -> Option<[TokenTree; 3]> {
    let (hash, bang, content) = (trees.next()?, trees.next()?, trees.next()?);
    let is = |tree: &TokenTree, c| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == c);
    let brackets = matches!(&content, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket);
    (is(&hash, '#') && is(&bang, '!') && brackets).then_some([hash, bang, content])
}
