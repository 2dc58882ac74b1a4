//! What stands behind the `=` of an option.

use std::cell::OnceCell;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, ExprLit, Lit, LitStr};

use crate::diagnostics::Diagnostics;
use crate::tokens::{expression, last_span, ungrouped_expression};

/// Tokens of which each reader asks what it needs. They are an expression, unless something in them is broken.
pub(crate) struct Value {
    trees: Vec<TokenTree>,
    /// Parsed when it is asked for, and once.
    expression: OnceCell<Option<Box<Expr>>>,
}

impl Value {
    /// Of at least one token.
    pub(super) fn new(trees: Vec<TokenTree>) -> Self {
        Self { trees, expression: OnceCell::new() }
    }

    pub(super) fn trees(&self) -> &[TokenTree] {
        &self.trees
    }

    /// Out of groups and parentheses. An assignment is none: it has no value.
    pub(super) fn expression(&self) -> Option<&Expr> {
        let parse = || expression(&self.trees).map(|it| Box::new(ungrouped_expression(it)));
        self.expression.get_or_init(parse).as_deref().filter(|expression| !matches!(expression, Expr::Assign(_)))
    }

    pub(super) fn text(&self) -> Option<&LitStr> {
        match self.expression()? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.suffix().is_empty() => Some(text),
            _ => None,
        }
    }

    /// One word without quotes.
    pub(super) fn word(&self) -> Option<&Ident> {
        match self.expression()? {
            Expr::Path(path) => path.path.get_ident(),
            _ => None,
        }
    }

    /// Reports that it is not what the option expects.
    pub(super) fn unexpected(&self, key: &Ident, expected: &str, diagnostics: &mut Diagnostics) {
        if self.expression().is_some() {
            diagnostics.error(self, format!("`{key}` expects {expected}"));
        } else {
            diagnostics.error_at(self.broken_at(), format!("this is no whole expression; `{key}` expects {expected}"));
        }
    }

    fn broken_at(&self) -> Span {
        // In a group, so that what is missing at the end is missing at the last token.
        let end = last_span(self);
        let mut group = Group::new(Delimiter::Parenthesis, self.to_token_stream());
        group.set_span(end);
        let whole = |input: ParseStream<'_>| input.parse::<Expr>();
        whole.parse2(group.into_token_stream()).map_or_else(|error| error.span(), |_| end)
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.trees.iter().cloned());
    }
}
