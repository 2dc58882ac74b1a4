//! Whether a type borrows, and where.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    GenericParam, Generics, Lifetime, ParenthesizedGenericArguments, TraitBound, Type, TypeFnPtr, TypeReference,
    WherePredicate,
};

/// The lifetimes that are no borrow of the caller: `'static`, and those that the function bounds by it.
#[derive(Clone)]
pub(crate) struct Lasting(Vec<String>);

impl Lasting {
    pub(crate) fn of(generics: &Generics) -> Self {
        let in_place = generics.params.iter().filter_map(|param| match param {
            GenericParam::Lifetime(param) => Some((&param.lifetime, &param.bounds)),
            _ => None,
        });
        let in_where = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let in_where = in_where.filter_map(|predicate| match predicate {
            WherePredicate::Lifetime(predicate) => Some((&predicate.lifetime, &predicate.bounds)),
            _ => None,
        });
        let bounded = in_place
            .chain(in_where)
            .filter(|(_, bounds)| bounds.iter().any(|bound| bound.ident == "static"))
            .map(|(lifetime, _)| lifetime.ident.to_string());
        Self(bounded.chain(["static".to_owned()]).collect())
    }

    pub(crate) fn contains(&self, lifetime: &Lifetime) -> bool {
        self.0.iter().any(|name| lifetime.ident == name)
    }
}

/// The borrow in a type, of what may not last: where it is written. The references of `Fn(&str)`, of `fn(&str)` and of
/// `for<'a>` are no borrows: they begin and end with a call.
pub(crate) fn borrow_in(ty: &Type, lasting: &Lasting) -> Option<TokenStream> {
    let mut search = Search { lasting: lasting.clone(), found: None };
    search.visit_type(ty);
    search.found
}

struct Search {
    lasting: Lasting,
    /// The first, and of two that are in each other the outer.
    found: Option<TokenStream>,
}

impl Search {
    fn note(&mut self, borrow: &impl ToTokens) {
        self.found.get_or_insert_with(|| borrow.to_token_stream());
    }

    /// Looks at what `for<'a>` is written before, in which `'a` is no borrow.
    fn within(&mut self, binder: Option<&syn::BoundLifetimes>, look: impl FnOnce(&mut Self)) {
        let outside = self.lasting.clone();
        for param in binder.iter().flat_map(|binder| &binder.lifetimes) {
            if let GenericParam::Lifetime(param) = param {
                self.lasting.0.push(param.lifetime.ident.to_string());
            }
        }
        look(self);
        self.lasting = outside;
    }
}

impl<'ast> Visit<'ast> for Search {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if !reference.lifetime.as_ref().is_some_and(|lifetime| self.lasting.contains(lifetime)) {
            self.note(reference);
        }
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if !self.lasting.contains(lifetime) {
            self.note(lifetime);
        }
    }

    fn visit_trait_bound(&mut self, bound: &'ast TraitBound) {
        self.within(bound.lifetimes.as_ref(), |search| search.visit_path(&bound.path));
    }

    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}

    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty(text: &str) -> Type {
        syn::parse_str(text).unwrap()
    }

    #[test]
    fn finds_borrows_and_only_borrows() {
        let generics: Generics = syn::parse_str("<'s: 'static, 'w, 'a>").unwrap();
        let mut generics = generics;
        generics.where_clause = Some(syn::parse_str("where 'w: 'static").unwrap());
        let lasting = Lasting::of(&generics);
        for (text, borrow) in [
            ("Option<&str>", "& str"),
            ("(u8, &u8)", "& u8"),
            ("Cow<'_, str>", "'_"),
            ("Ref<'a, str>", "'a"),
            ("Box<dyn Display + '_>", "'_"),
            ("impl Into<&str>", "& str"),
            ("Vec<&'a [&'a u8]>", "& 'a [& 'a u8]"),
            ("impl for<'b> Make<&'b str, &'a u8>", "& 'a u8"),
        ] {
            assert_eq!(borrow_in(&ty(text), &lasting).map(|it| it.to_string()).as_deref(), Some(borrow), "{text}");
        }
        for text in [
            "Option<&'static str>",
            "Cow<'s, str>",
            "&'w str",
            "Box<dyn Fn(&str) -> &str>",
            "fn(&[u8])",
            "for<'b> fn(&'b u8) -> Ref<'b>",
            "impl for<'b> Make<&'b str>",
            "Box<dyn for<'b> Make<'b>>",
        ] {
            assert!(borrow_in(&ty(text), &lasting).is_none(), "{text}");
        }
    }
}
