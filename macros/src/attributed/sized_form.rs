//! What to return in place of a type that has no size, of which the compiler would speak wherever generated code names it.

use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{Type, TypePath, parse_quote};

use super::lending::sendable;
use crate::tokens::{printed, ungrouped_type};

/// `Option<Box<dyn Debug>>` for `Option<dyn Debug>`, and for each part without a size that part and what to write. Nothing for
/// what only the compiler knows to have none, such as an alias.
pub(crate) fn sized_form(ty: &Type) -> Option<(Type, Vec<(Type, String)>)> {
    let mut sized = ty.clone();
    let mut parts = Parts(Vec::new());
    parts.visit_type_mut(&mut sized);
    (!parts.0.is_empty()).then_some((sized, parts.0))
}

/// Those that have no size, each with what to write.
struct Parts(Vec<(Type, String)>);

impl VisitMut for Parts {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Some((sized, advice)) = sized(ty) {
            self.0.push((ty.clone(), advice));
            *ty = sized;
            return;
        }
        match ty {
            Type::Array(_) | Type::Group(_) | Type::Paren(_) | Type::Tuple(_) => visit_mut::visit_type_mut(self, ty),
            Type::Path(path) if holds_values(path) => visit_mut::visit_type_mut(self, ty),
            _ => {}
        }
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
    let segments: Vec<_> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let segments: Vec<_> = segments.iter().map(String::as_str).collect();
    let (owned, advice): (Type, _) = match segments[..] {
        ["str"] => (parse_quote!(::std::string::String), "return a `String`"),
        ["OsStr"] | [.., "ffi", "OsStr"] => (parse_quote!(::std::ffi::OsString), "return an `OsString`"),
        ["CStr"] | [.., "ffi", "CStr"] => (parse_quote!(::std::ffi::CString), "return a `CString`"),
        [.., "path", "Path"] => (parse_quote!(::std::path::PathBuf), "return a `PathBuf`"),
        _ => return None,
    };
    Some((owned, advice.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(text: &str) -> Vec<String> {
        let found = sized_form(&syn::parse_str(text).unwrap());
        found
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
