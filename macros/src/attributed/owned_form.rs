//! What to write in place of a type that borrows.

use proc_macro2::Ident;
use quote::{ToTokens as _, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Lifetime, ParenthesizedGenericArguments, PathArguments, PathSegment, Type, TypeFnPtr};

use crate::tokens::{printed, ungrouped_type};

/// `Option<String>` for `Option<&str>`. Nothing for what only borrows: a guard or an iterator has no form of its own.
pub(crate) fn owned_form(ty: &Type) -> Option<String> {
    let mut ty = ty.clone();
    let mut own = Own { impossible: false };
    own.visit_type_mut(&mut ty);
    (!own.impossible).then(|| printed(ty))
}

struct Own {
    impossible: bool,
}

impl VisitMut for Own {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Some(pinned) = pinned(ty) {
            *ty = pinned;
        }
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
            Type::TraitObject(object) if reference.mutability.is_some() => quote!(Box<#object>),
            Type::TraitObject(object) => quote!(Arc<#object>),
            Type::Path(path) => match path.path.get_ident().map(Ident::to_string).as_deref() {
                Some("str") => quote!(String),
                Some("Path") => quote!(PathBuf),
                Some("OsStr") => quote!(OsString),
                Some("CStr") => quote!(CString),
                _ => target.to_token_stream(),
            },
            other => other.to_token_stream(),
        };
        *ty = Type::Verbatim(owned);
    }

    fn visit_path_segment_mut(&mut self, segment: &mut PathSegment) {
        if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
            let lives = arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Lifetime(_)));
            self.impossible |= lives && segment.ident != "Cow";
        }
        visit_mut::visit_path_segment_mut(self, segment);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        lifetime.ident = Ident::new("static", lifetime.ident.span());
    }

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
}

/// `Pin<Arc<T>>` for `Pin<&T>`: a value is pinned in what holds it.
fn pinned(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    let Some(GenericArgument::Type(Type::Reference(reference))) = arguments.args.first() else { return None };
    let (pin, target) = (&path.path.segments.last()?.ident, &reference.elem);
    (pin == "Pin").then(|| match reference.mutability {
        Some(_) => Type::Verbatim(quote!(#pin<Box<#target>>)),
        None => Type::Verbatim(quote!(#pin<Arc<#target>>)),
    })
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
            ("Box<dyn Display + '_>", "Box<dyn Display + 'static>"),
            ("Pin<&Self>", "Pin<Arc<Self>>"),
            ("Option<Pin<&mut Db>>", "Option<Pin<Box<Db>>>"),
            ("&mut dyn Display", "Box<dyn Display>"),
            ("Result<&mut Db, Box<dyn Error + Send>>", "Result<Db, Box<dyn Error + Send>>"),
        ] {
            assert_eq!(owned_form(&ty(written)).as_deref(), Some(owned));
        }
    }

    #[test]
    fn proposes_nothing_for_what_only_borrows() {
        for written in ["MutexGuard<'_, u8>", "std::slice::Iter<'a, u8>", "Option<View<'_>>", "(u8, Drain<'_, &str>)"] {
            assert_eq!(owned_form(&ty(written)), None, "{written}");
        }
    }
}
