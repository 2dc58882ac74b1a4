//! What somebody else calls and waits for: `main`, a test, a handler of a web server.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::visit::{self, Visit};
use syn::{Attribute, FnArg, Meta, Pat, PatType, Signature, TraitBound, Type, TypePath};

use super::async_function::AsyncFunction;
use crate::diagnostics::error_at;
use crate::tokens::ungrouped_type;

/// The error, if the function is one of them.
pub(super) fn refused(function: &AsyncFunction) -> Option<syn::Error> {
    let advice = "a test or `main` can't be a background function, nobody would wait for it; call one in it";
    let name = &function.signature.ident;
    if let Some(attribute) = function.attributes.iter().find(|it| is_entry_point(it)) {
        return Some(error_at(attribute, advice));
    }
    if is_main(&function.signature) {
        return Some(error_at(name, advice));
    }
    let is_routed = function.attributes.iter().any(is_route);
    (is_routed || is_handler(&function.signature)).then(|| {
        let message = format!("a handler can't be a background function, `{name}` is waited for; call one in it");
        error_at(name, message)
    })
}

/// What stands in the place of such a function, so that the compiler has nothing more to say of it. It calls neither an
/// `async fn main` nor an `async` test; so that goes into one that is not `async`.
pub(super) fn in_its_place(function: &AsyncFunction) -> TokenStream {
    let AsyncFunction { attributes, visibility, signature, body } = function;
    let has_runner = attributes.iter().any(|attribute| is_entry_point(attribute) && !is_plain_test(attribute));
    let is_called = is_main(signature) || attributes.iter().any(is_plain_test);
    let Some(body) = body.as_ref().filter(|_| is_called && !has_runner && signature.asyncness.is_some()) else {
        return function.to_token_stream();
    };
    let (name, written) = (&signature.ident, &body.written);
    quote! {
        #(#attributes)*
        #visibility fn #name() {
            #signature #written
            let _ = #name;
        }
    }
}

/// `#[tokio::test]`, and what that leaves behind.
fn is_entry_point(attribute: &Attribute) -> bool {
    const NAMES: [&str; 5] = ["test", "main", "rstest", "test_case", "wasm_bindgen_test"];
    attribute.path().segments.last().is_some_and(|last| NAMES.iter().any(|name| last.ident == name))
}

/// The compiler's own.
fn is_plain_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("test")
}

/// By its name, which `#[tokio::main]` leaves behind.
fn is_main(signature: &Signature) -> bool {
    signature.ident == "main" && signature.inputs.is_empty()
}

/// `#[get("/")]`, `#[debug_handler]`.
fn is_route(attribute: &Attribute) -> bool {
    const METHODS: [&str; 8] = ["get", "post", "put", "patch", "delete", "head", "options", "route"];
    let Some(name) = attribute.path().segments.last().map(|last| last.ident.to_string()) else { return false };
    let begins_with_path = match &attribute.meta {
        Meta::List(list) => matches!(list.tokens.clone().into_iter().next(), Some(TokenTree::Literal(_))),
        _ => false,
    };
    name == "handler" || name == "debug_handler" || METHODS.contains(&name.as_str()) && begins_with_path
}

/// A handler takes apart what an extractor gives, or returns a response.
fn is_handler(signature: &Signature) -> bool {
    let mut responds = Responds(false);
    responds.visit_return_type(&signature.output);
    let mut parameters = signature.inputs.iter();
    responds.0 || parameters.any(|input| matches!(input, FnArg::Typed(parameter) if is_extracted(parameter)))
}

/// Whether a type is `impl IntoResponse`, or has that in it.
struct Responds(bool);

impl Visit<'_> for Responds {
    fn visit_trait_bound(&mut self, bound: &TraitBound) {
        self.0 |= bound.path.segments.last().is_some_and(|it| it.ident == "IntoResponse" || it.ident == "Responder");
        visit::visit_trait_bound(self, bound);
    }
}

/// `State(db): State<Db>`, `_: axum::extract::Path<u64>`.
fn is_extracted(parameter: &PatType) -> bool {
    const EXTRACTORS: [&str; 7] = ["State", "Path", "Query", "Json", "Form", "Extension", "TypedHeader"];
    let Type::Path(TypePath { path: ty, .. }) = ungrouped_type(&parameter.ty) else { return false };
    let mut segments = ty.segments.iter().rev();
    let Some(last) = segments.next() else { return false };
    // Others have a `Query` of their own, and modules of these names; it is of something that a framework's is.
    if last.arguments.is_none() || !EXTRACTORS.iter().any(|extractor| last.ident == extractor) {
        return false;
    }
    let is_of_framework = segments.next().is_some_and(|module| module.ident == "extract" || module.ident == "web");
    let is_taken_apart = match &*parameter.pat {
        Pat::TupleStruct(pattern) => pattern.path.segments.last().is_some_and(|taken| taken.ident == last.ident),
        _ => false,
    };
    is_of_framework || is_taken_apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(written: &str) -> bool {
        refused(&AsyncFunction::read(written.parse().unwrap()).unwrap()).is_some()
    }

    #[test]
    fn knows_who_is_waited_for() {
        for written in [
            "#[rstest] async fn reads(#[case] text: &str) {}",
            "#[test_case(5; \"five\")] async fn counts(number: u8) {}",
            "#[test_log::test(tokio::test)] async fn reads() {}",
            "async fn main() {}",
            "#[get(\"/\")] async fn index() -> String {}",
            "#[actix_web::post(\"/{id}\", name = \"save\")] async fn save(id: u64) {}",
            "#[route(\"/\", method = \"GET\")] async fn index() {}",
            "#[axum::debug_handler(state = App)] async fn index(body: String) {}",
            "#[handler] async fn index() {}",
            "async fn show(id: web::Path<u64>) {}",
            "async fn show(axum::Json(row): axum::Json<Row>) {}",
            "async fn index() -> impl Responder {}",
        ] {
            assert!(is_refused(written), "{written}");
        }
    }

    #[test]
    fn takes_what_only_looks_alike() {
        for written in [
            "#[get] async fn index() {}",
            "#[options(timeout)] async fn index() {}",
            "async fn save(path: Path<u64>, state: State) {}",
            "async fn save((id, row): (u64, Row), Pair(a, b): Pair) {}",
            "async fn run(job: extract::Job, all: Vec<my_extract::Path<u8>>, page: crate::extract::Page<u8>) {}",
            "async fn crawl(web: cobweb::Path<u8>) {}",
            "async fn ask(Query(sql): Query) {}",
            "async fn main_loop(main: u8) {}",
            "async fn main(number: u8) {}",
        ] {
            assert!(!is_refused(written), "{written}");
        }
    }
}
