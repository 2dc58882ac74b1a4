//! Types as a message shows them.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Lifetime, ParenthesizedGenericArguments, Type, TypeFnPtr};

use crate::borrow;

/// The type to write in place of one that borrows: `Option<String>` for `Option<&str>`.
pub(crate) fn owned_form(ty: &Type) -> String {
    let mut ty = ty.clone();
    Own.visit_type_mut(&mut ty);
    printed(ty)
}

struct Own;

impl VisitMut for Own {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        let Type::Reference(reference) = ty else {
            return;
        };
        let target = borrow::ungrouped(&reference.elem);
        let owned = match target {
            Type::Slice(slice) => {
                let elem = &slice.elem;
                quote!(Vec<#elem>)
            }
            Type::TraitObject(object) => quote!(Arc<#object>),
            Type::Path(path) if path.path.is_ident("str") => quote!(String),
            Type::Path(path) if path.path.is_ident("Path") => quote!(PathBuf),
            other => other.to_token_stream(),
        };
        *ty = Type::Verbatim(owned);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        lifetime.ident = Ident::new("static", lifetime.ident.span());
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
