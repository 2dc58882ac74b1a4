//! What to return in place of a type that has no size, of which the compiler would speak wherever generated code names it.

use quote::quote;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Type, TypePath, parse_quote};

use super::lending::sendable;
use crate::tokens::{printed, ungrouped_type};

/// `Option<Box<dyn Debug>>` for `Option<dyn Debug>`, and for each part without a size that part and what to write. Nothing for
/// what only the compiler knows to have none, such as an alias.
pub(crate) fn sized_form(ty: &Type) -> Option<(Type, Vec<(&Type, String)>)> {
    let mut parts = Parts(Vec::new());
    parts.visit_type(ty);
    // Nearly every type has a size, and is not copied then.
    if parts.0.is_empty() {
        return None;
    }
    let mut whole = ty.clone();
    Sized.visit_type_mut(&mut whole);
    Some((whole, parts.0))
}

/// Those that have no size, each with what to write.
struct Parts<'a>(Vec<(&'a Type, String)>);

impl<'a> Visit<'a> for Parts<'a> {
    fn visit_type(&mut self, ty: &'a Type) {
        match sized(ty) {
            Some((_, advice)) => self.0.push((ty, advice)),
            None if is_looked_into(ty) => visit::visit_type(self, ty),
            None => {}
        }
    }
}

/// Puts in place of each what to write.
struct Sized;

impl VisitMut for Sized {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match sized(ty) {
            Some((sized, _)) => *ty = sized,
            None if is_looked_into(ty) => visit_mut::visit_type_mut(self, ty),
            None => {}
        }
    }
}

fn is_looked_into(ty: &Type) -> bool {
    match ty {
        Type::Array(_) | Type::Group(_) | Type::Paren(_) | Type::Tuple(_) => true,
        Type::Path(path) => holds_values(path),
        _ => false,
    }
}

/// Whether the type holds what its arguments say, and does not point to it.
fn holds_values(path: &TypePath) -> bool {
    path.path.segments.last().is_some_and(|last| ["Option", "Result", "Vec"].iter().any(|name| last.ident == name))
}

fn sized(ty: &Type) -> Option<(Type, String)> {
    match ungrouped_type(ty) {
        Type::TraitObject(object) => {
            let (bounds, shown) = (&object.bounds, sendable(object));
            let opaque = printed(bounds);
            Some((
                parse_quote!(::std::boxed::Box<dyn #bounds>),
                format!("return a `Box<{shown}>`, or declare `impl {opaque}`"),
            ))
        }
        Type::Slice(slice) => {
            let elem = &slice.elem;
            let shown = printed(quote!(Vec<#elem>));
            Some((parse_quote!(::std::vec::Vec<#elem>), format!("return a `{shown}`")))
        }
        Type::Path(path) => named(path),
        _ => None,
    }
}

/// `Path` alone may be anybody's.
fn named(path: &TypePath) -> Option<(Type, String)> {
    let mut segments = path.path.segments.iter().rev();
    let last = segments.next()?.ident.to_string();
    let module = segments.next().map(|module| &module.ident);
    let (owned, advice): (Type, _) = match last.as_str() {
        "str" if module.is_none() => (parse_quote!(::std::string::String), "return a `String`"),
        "OsStr" if module.is_none_or(|it| it == "ffi") => (parse_quote!(::std::ffi::OsString), "return an `OsString`"),
        "CStr" if module.is_none_or(|it| it == "ffi") => (parse_quote!(::std::ffi::CString), "return a `CString`"),
        "Path" if module.is_some_and(|it| it == "path") => (parse_quote!(::std::path::PathBuf), "return a `PathBuf`"),
        _ => return None,
    };
    Some((owned, advice.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(text: &str) -> Vec<String> {
        let written = syn::parse_str(text).unwrap();
        sized_form(&written)
            .into_iter()
            .flat_map(|(_, parts)| parts)
            .map(|(part, advice)| format!("{}: {advice}", printed(part)))
            .collect()
    }

    #[test]
    fn finds_each_part_without_a_size() {
        assert_eq!(advice("str"), ["str: return a `String`"]);
        assert_eq!(advice("Option<std::path::Path>"), ["std::path::Path: return a `PathBuf`"]);
        assert_eq!(advice("(u8, OsStr)"), ["OsStr: return an `OsString`"]);
        assert_eq!(advice("std::io::Result<Vec<[[u8]; 2]>>"), ["[u8]: return a `Vec<u8>`"],);
        assert_eq!(
            advice("Result<str, dyn Error + Send>"),
            [
                "str: return a `String`",
                "dyn Error + Send: return a `Box<dyn Error + Send + Sync>`, or declare `impl Error + Send`",
            ],
        );
    }

    #[test]
    fn leaves_what_is_pointed_to() {
        for written in [
            "Box<dyn Debug>",
            "Arc<str>",
            "&'static [u8]",
            "Path",
            "Option<Box<[u8]>>",
            "Shared<dyn Debug>",
            "fn([u8])",
        ] {
            assert_eq!(advice(written), [""; 0], "{written}");
        }
    }
}
