//! Whole expansions, compared with the files in `macros/snapshots`.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p detached-macros` writes them anew; read the difference before you commit it.

use std::path::Path;
use std::{env, fs};

use crate::emitted::ABOUT_THE_RUN;
use crate::pipeline;

fn expansion(attribute: &str, item: &str) -> String {
    let expanded = pipeline::background(&attribute.parse().unwrap(), &item.parse().unwrap());
    let file = syn::parse2(expanded).expect("the expansion is a program");
    prettyplease::unparse(&file)
}

/// Compares the expansion of the source `<name>.in.rs` with `<name>.out.rs`.
fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let source = fs::read_to_string(folder.join(format!("{name}.in.rs"))).unwrap();
    let expected = folder.join(format!("{name}.out.rs"));
    let mut produced = String::new();
    for function in source.split("#[background(").skip(1) {
        let (attribute, item) = function.split_once(")]").unwrap();
        produced.push_str(&expansion(attribute, item));
        produced.push('\n');
    }
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(expected, &produced).unwrap();
        return;
    }
    let known = fs::read_to_string(expected).unwrap_or_default();
    assert!(known == produced, "the expansion of `{name}` changed; it is now\n{produced}");
}

macro_rules! snapshots {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*
    };
}

snapshots! { record_visit options parameters inherited receivers return_types attributes refused durable }

/// A function that is not durable pays for none of it.
#[test]
fn only_a_durable_function_expands_to_anything_durable() {
    let source = |name| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(name)).unwrap();
    for name in ["record_visit", "options", "parameters", "inherited", "receivers", "return_types", "attributes"] {
        let expanded = source(format!("{name}.out.rs"));
        assert!(expanded.contains("::detached::private::") && !expanded.contains("durable"), "{name}");
    }
    assert!(source("durable.out.rs".to_owned()).contains("::durable::"), "that is how it is seen");
}

#[test]
fn the_body_is_there_once() {
    for item in
        ["async fn f() { the_body }", "async fn f(&self) -> ! { self.x(the_body) }", "fn f(&mut self) { the_body }"]
    {
        let expanded = pipeline::background(&"timeout = \"5s\"".parse().unwrap(), &item.parse().unwrap());
        assert_eq!(expanded.to_string().matches("the_body").count(), 1, "{item}");
    }
}

/// An editor lists what stands before the body, whatever the compiler knows of hygiene.
#[test]
fn the_call_is_made_after_the_body() {
    let attribute = "timeout = \"5s\", inherit = [\"user_id\", KEY?], limit = 3".parse().unwrap();
    for item in ["async fn f(a: A, b: &B) { the_body }", "async fn f(mut self, #[context] c: &C) -> ! { the_body }"] {
        let expanded = pipeline::background(&attribute, &item.parse().unwrap()).to_string();
        let (before, _) = expanded.split_once("the_body").unwrap();
        assert!(!before.contains("__call") && !before.contains("FUNCTION"), "{before}");
    }
}

#[test]
fn the_shim_is_short() {
    let whole = expansion(
        "timeout = \"5s\", inherit = [\"user_id\"]",
        "async fn record_visit(db: &Db, page: &str) -> Result<(), DbError> { db.insert(page).await }",
    );
    let body = 1;
    assert!(whole.lines().count() - body < 20, "{whole}");
}

#[test]
fn what_is_about_the_run_goes_first() {
    let attribute = "timeout = \"5s\"".parse().unwrap();
    let others = ABOUT_THE_RUN.iter().flat_map(|name| [(*name).to_owned(), format!("a::{name}(err)")]);
    for other in others {
        let item = format!("#[must_use] #[{other}] #[allow(unused)] async fn f() {{}}").parse().unwrap();
        let expanded = pipeline::background(&attribute, &item).to_string();
        let other: proc_macro2::TokenStream = format!("#[{other}]").parse().unwrap();
        assert!(expanded.starts_with(&other.to_string()), "{expanded}");
        assert!(expanded.contains("# [must_use] # [allow (unused)] async fn f () { }"), "{expanded}");
    }
    let item = "#[unknown] async fn f() {}".parse().unwrap();
    assert!(pipeline::background(&attribute, &item).to_string().contains(":: detached :: Task"));
}
