//! What to write in place of a type that borrows.

use proc_macro2::Ident;
use quote::{ToTokens as _, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Lifetime, ParenthesizedGenericArguments, Type, TypeFnPtr};

use crate::tokens::{printed, ungrouped_type};

/// `Option<String>` for `Option<&str>`.
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
        let target = ungrouped_type(&reference.elem);
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
    }
}
