//! Whether a type borrows, and what to write in place of one that does.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericParam, Generics, Lifetime, ParenthesizedGenericArguments, TraitBound, Type, TypeFnPtr, TypeParamBound,
    TypeReference, WherePredicate, parse_quote,
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

/// Whether a value of this type borrows what may not last. The references of `Fn(&str)`, of `fn(&str)` and of `for<'a>`
/// are no borrows: they begin and end with a call.
pub(crate) fn borrows(ty: &Type, lasting: &Lasting) -> bool {
    let mut search = Search { lasting: lasting.clone(), found: false };
    search.visit_type(ty);
    search.found
}

struct Search {
    lasting: Lasting,
    found: bool,
}

impl Search {
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
        self.found |= reference.lifetime.is_none();
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.found |= !self.lasting.contains(lifetime);
    }

    fn visit_trait_bound(&mut self, bound: &'ast TraitBound) {
        self.within(bound.lifetimes.as_ref(), |search| search.visit_path(&bound.path));
    }

    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}

    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}
}

/// The type without what holds fragments of a `macro_rules!` or parentheses together.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        other => other,
    }
}

/// The type to write in place of one that borrows: `Option<String>` for `Option<&str>`.
pub(crate) fn owned_form(ty: &Type) -> String {
    let mut ty = ty.clone();
    Own.visit_type_mut(&mut ty);
    printed(ty)
}

struct Own;

impl VisitMut for Own {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Reference(reference) = ty {
            let owned: Type = match ungrouped(&reference.elem) {
                Type::Slice(slice) => {
                    let elem = &slice.elem;
                    parse_quote!(Vec<#elem>)
                }
                Type::TraitObject(object) => parse_quote!(Arc<#object>),
                Type::Path(path) => match path.path.get_ident().map(ToString::to_string).as_deref() {
                    Some("str") => parse_quote!(String),
                    Some("Path") => parse_quote!(PathBuf),
                    _ => Type::Path(path.clone()),
                },
                other => other.clone(),
            };
            *ty = owned;
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        lifetime.ident = proc_macro2::Ident::new("static", lifetime.ident.span());
    }

    fn visit_type_param_bound_mut(&mut self, bound: &mut TypeParamBound) {
        visit_mut::visit_type_param_bound_mut(self, bound);
    }

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
}

/// The tokens of a type with the spaces that a person writes.
pub(crate) fn printed(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    print(tokens.to_token_stream(), &mut text);
    text
}

fn print(tokens: TokenStream, text: &mut String) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                print(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match (punct.as_char(), punct.spacing()) {
                (c @ (',' | ';'), _) => {
                    text.push(c);
                    text.push(' ');
                }
                ('>', _) if text.ends_with('-') => text.push_str("> "),
                (c @ ('+' | '='), _) => {
                    text.push(' ');
                    text.push(c);
                    text.push(' ');
                }
                ('-', Spacing::Joint) => text.push_str(" -"),
                (c, _) => text.push(c),
            },
            word => {
                if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
                if matches!(word.to_string().as_str(), "dyn" | "impl" | "mut") {
                    text.push(' ');
                }
            }
        }
    }
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
        for text in [
            "Option<&str>",
            "(u8, &u8)",
            "Cow<'_, str>",
            "Ref<'a, str>",
            "Box<dyn Display + '_>",
            "impl Into<&str>",
            "Vec<&'a u8>",
            "impl for<'b> Make<&'b str, &'a u8>",
        ] {
            assert!(borrows(&ty(text), &lasting), "{text}");
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
            assert!(!borrows(&ty(text), &lasting), "{text}");
        }
    }

    #[test]
    fn proposes_owned_types() {
        for (written, owned) in [
            ("Option<&str>", "Option<String>"),
            ("(u8, &[u8])", "(u8, Vec<u8>)"),
            ("Cow<'_, str>", "Cow<'static, str>"),
            ("&Path", "PathBuf"),
            ("HashMap<&str, &Db>", "HashMap<String, Db>"),
            ("Result<&mut Db, Box<dyn Error + Send>>", "Result<Db, Box<dyn Error + Send>>"),
        ] {
            assert_eq!(owned_form(&ty(written)), owned);
        }
        assert_eq!(printed(ty("impl Fn(&str)->  u8")), "impl Fn(&str) -> u8");
    }
}
