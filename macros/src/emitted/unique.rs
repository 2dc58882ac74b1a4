//! Two parameters of one name, of which only the compiler knows whether they are: it sees where each was written.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::PatIdent;
use syn::visit::{self, Visit};

use crate::attributed::BackgroundFunction;
use crate::tokens::generated_at;

/// For a function that has names of one spelling: a closure of the same names, of which the compiler says what it would say
/// of the function. In the shim each parameter is bound by a statement of its own, and the second would cover the first.
pub(crate) fn checked(function: &BackgroundFunction) -> TokenStream {
    let names = function.parameters.iter().flat_map(|parameter| {
        let mut names = Names(Vec::new());
        names.visit_pat(&parameter.pattern);
        names.0.into_iter().map(|name| (&parameter.attributes.everywhere, name))
    });
    let names: Vec<_> = names.collect();
    let mut spellings: Vec<_> = names.iter().map(|(_, name)| name.to_string()).collect();
    spellings.sort_unstable();
    if spellings.is_sorted_by(|one, next| one < next) {
        return TokenStream::new();
    }
    let place = generated_at(function.name().span());
    let bound = names.iter().map(|(everywhere, name)| quote_spanned!(place=> #(#everywhere)* #name: ()));
    let mentioned = names.iter().map(|(everywhere, name)| quote_spanned!(place=> #(#everywhere)* let _ = #name;));
    quote_spanned!(place=> let _ = |#(#bound),*| { #(#mentioned)* };)
}

/// What a pattern binds, each once: the alternatives of a pattern bind the same names.
struct Names(Vec<Ident>);

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, name: &'ast PatIdent) {
        // It may be a constant or a unit struct, and binds nothing then.
        if !name.ident.to_string().starts_with(char::is_uppercase) && !self.0.contains(&name.ident) {
            self.0.push(name.ident.clone());
        }
        visit::visit_pat_ident(self, name);
    }
}
