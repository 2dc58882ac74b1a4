//! What the expression of a `limit` may name: it is asked once for all calls, whatever they are called with.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{ExprPath, GenericParam, PatIdent, Path, Signature};

use super::parameter::Parameter;
use crate::diagnostics::Diagnostics;
use crate::written::{Limit, Options};

/// Whether it names nothing else.
pub(super) fn check_limit(
    signature: &Signature,
    parameters: &[Parameter],
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> bool {
    let Some(Limit::Computed(expression)) = options.limit.value() else {
        return true;
    };
    let before = diagnostics.count();
    let mut bound = Bound(Vec::new());
    for parameter in parameters {
        bound.visit_pat(&parameter.pattern);
    }
    let mut bound_inside = Bound(Vec::new());
    bound_inside.visit_expr(expression);
    bound.0.retain(|name| !bound_inside.0.contains(name));
    let generics = signature.generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(param.ident.to_string()),
        GenericParam::Const(param) => Some(param.ident.to_string()),
        GenericParam::Lifetime(_) => None,
    });
    let mut search = Search { parameters: bound.0, generics: generics.collect(), diagnostics };
    search.visit_expr(expression);
    diagnostics.count() == before
}

/// The names that are bound by patterns.
struct Bound(Vec<String>);

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat_ident(&mut self, name: &'ast PatIdent) {
        self.0.push(name.ident.to_string());
        visit::visit_pat_ident(self, name);
    }
}

struct Search<'a> {
    parameters: Vec<String>,
    generics: Vec<String>,
    diagnostics: &'a mut Diagnostics,
}

impl Search<'_> {
    fn refuse(&mut self, name: &Ident, what: &str) {
        let advice = "it is asked once for all calls; name a constant, a static or a function";
        self.diagnostics.error(name, format!("`limit` can't name {what} `{name}`, {advice}"));
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        if let Some(name) = path.path.get_ident() {
            if name == "self" || self.parameters.contains(&name.to_string()) {
                return self.refuse(name, "the parameter");
            }
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let first = path.segments.first().map(|first| &first.ident).filter(|_| path.leading_colon.is_none());
        match first {
            Some(first) if first == "Self" => self.refuse(first, "the type"),
            Some(first) if self.generics.contains(&first.to_string()) => self.refuse(first, "the type parameter"),
            _ => visit::visit_path(self, path),
        }
    }
}
