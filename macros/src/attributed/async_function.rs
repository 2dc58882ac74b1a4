//! The item under the attribute, read as a function whose body is never parsed.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, ReturnType, Signature, Visibility};

use super::body::Body;
use crate::diagnostics::error_at;
use crate::tokens::{printed, ungrouped_item};

/// A function as written. Its body may hold what only the compiler can parse, or what is typed just now.
pub(crate) struct AsyncFunction {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// Absent for a trait's method that has no default.
    pub(crate) body: Option<Body>,
}

/// An error stands for an item that stays as it is.
pub(crate) fn parse(item: TokenStream) -> syn::Result<AsyncFunction> {
    let function = parse_any(item)?;
    let Signature { ident: name, fn_token, .. } = &function.signature;
    if let Some(attribute) = function.attributes.iter().find(|it| is_entry_point(it)) {
        return Err(error_at(
            attribute,
            "a test or `main` can't be a background function, nobody would wait for it; call one in it",
        ));
    }
    if returns_boxed_future(&function.signature) {
        return Err(error_at(
            fn_token,
            format!(
                "`#[background]` needs an `async fn`; `{name}` returns a boxed future, as `#[async_trait]` makes it do: \
                 leave that out, and declare `fn {name}(..) -> detached::Task<T>` in the trait"
            ),
        ));
    }
    Ok(function)
}

/// `#[tokio::test]`, and what that leaves behind.
fn is_entry_point(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "test" || last.ident == "main")
}

fn returns_boxed_future(signature: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &signature.output else {
        return false;
    };
    signature.asyncness.is_none() && printed(ty).contains("Pin<Box<dyn")
}

fn parse_any(item: TokenStream) -> syn::Result<AsyncFunction> {
    let item = ungrouped_item(item);
    read.parse2(item.clone()).map_err(|error| match other_item(item) {
        Some((keyword, kind)) => error_at(keyword, format!("`#[background]` goes on an `async fn`; found {kind}")),
        None => error,
    })
}

fn read(input: ParseStream<'_>) -> syn::Result<AsyncFunction> {
    Ok(AsyncFunction {
        attributes: input.call(Attribute::parse_outer)?,
        visibility: input.parse()?,
        signature: input.parse()?,
        body: Body::read(input)?,
    })
}

/// The keyword that says what the item is, if it is no function.
fn other_item(item: TokenStream) -> Option<(TokenTree, &'static str)> {
    for tree in item {
        let TokenTree::Ident(word) = &tree else {
            continue;
        };
        let kind = match word.to_string().as_str() {
            "struct" => "a struct",
            "enum" => "an enum",
            "union" => "a union",
            "trait" => "a trait; put it on the default methods in it",
            "impl" => "an `impl` block; put it on each function in it",
            "mod" => "a module; put it on each function in it",
            "type" => "a type alias",
            "static" => "a static",
            "const" => "a constant",
            "use" => "an import",
            "let" => "a statement; write a named `async fn`",
            "macro_rules" => "a macro; put it on the `async fn` that the macro makes",
            "pub" | "unsafe" | "crate" | "default" => continue,
            _ => return None,
        };
        return Some((tree, kind));
    }
    None
}
