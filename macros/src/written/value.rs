//! What stands behind the `=` of an option.

use std::cell::OnceCell;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, ExprLit, Lit, LitStr};

use crate::diagnostics::Diagnostics;
use crate::tokens::{last_span, ungrouped_expression};

/// Tokens of which each reader asks what it needs. They are an expression, unless something in them is broken.
pub(crate) struct Value {
    tokens: TokenStream,
    /// Parsed when it is asked for, and once: each parse copies the tokens out of the compiler.
    expression: OnceCell<Option<Box<Expr>>>,
}

impl Value {
    /// Of at least one token.
    pub(super) fn new(tokens: TokenStream) -> Self {
        Self { tokens, expression: OnceCell::new() }
    }

    /// Out of groups and parentheses. An assignment is none: it has no value.
    pub(super) fn expression(&self) -> Option<&Expr> {
        let parse = || syn::parse2(self.tokens.clone()).ok().map(|it| Box::new(ungrouped_expression(it)));
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
        let end = last_span(&self.tokens);
        let mut group = Group::new(Delimiter::Parenthesis, self.tokens.clone());
        group.set_span(end);
        let whole = |input: ParseStream<'_>| input.parse::<Expr>();
        whole.parse2(group.into_token_stream()).map_or_else(|error| error.span(), |_| end)
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}
