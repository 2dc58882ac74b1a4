//! Whatever stands under the attribute and between its parentheses, the macro answers with tokens and not with a panic.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::pipeline;

const WORDS: &[&str] = &[
    "async",
    "await",
    "unsafe",
    "const",
    "extern",
    "fn",
    "f",
    "self",
    "Self",
    "mut",
    "ref",
    "impl",
    "for",
    "where",
    "pub",
    "crate",
    "in",
    "trait",
    "struct",
    "static",
    "use",
    "let",
    "type",
    "macro_rules",
    "_",
    "str",
    "u8",
    "T",
    "Option",
    "Context",
    "inherit",
    "context",
    "cfg",
    "cfg_attr",
    "allow",
    "track_caller",
    "instrument",
    "background",
    "timeout",
    "name",
    "grace",
    "origin",
    "shutdown",
    "trace",
    "level",
    "limit",
    "overflow",
    "queue",
    "start_timeout",
    "supervisor",
    "durable",
    "attempts",
    "backoff",
    "crashes",
    "alias",
    "state",
    "main",
    "Future",
    "dyn",
    "KEY",
    "true",
    "as",
    "move",
    "return",
    "union",
    "default",
];

const TEXTS: &[&str] =
    &["", "5s", "1s..15m", "*", "none", "0s", "18446744073709551615s 1000ms", "1e3s", "user_id", "?", "a?", "{self}"];

fn word() -> impl Strategy<Value = TokenTree> {
    select(WORDS).prop_map(|word| Ident::new(word, Span::call_site()).into())
}

fn literal() -> impl Strategy<Value = TokenTree> {
    prop_oneof![
        select(TEXTS).prop_map(Literal::string),
        "\\PC{0,12}".prop_map(|text| Literal::string(&text)),
        any::<u64>().prop_map(Literal::u64_unsuffixed),
        any::<u8>().prop_map(Literal::u8_suffixed),
        Just(Literal::byte_string(b"5s")),
        Just(Literal::character('s')),
        Just(Literal::f64_unsuffixed(1.5)),
    ]
    .prop_map(TokenTree::from)
}

fn punct() -> impl Strategy<Value = TokenTree> {
    let marks: Vec<char> = "#!?=,:;<>&'+-*/.@|^%~$".chars().collect();
    (select(marks), any::<bool>()).prop_map(|(mark, joint)| {
        let spacing = if joint { Spacing::Joint } else { Spacing::Alone };
        Punct::new(mark, spacing).into()
    })
}

fn group(delimiter: Delimiter, inside: TokenStream) -> TokenTree {
    Group::new(delimiter, inside).into()
}

fn tokens() -> impl Strategy<Value = TokenStream> {
    let leaf = prop_oneof![4 => word(), 1 => literal(), 3 => punct()];
    let delimiters = [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];
    let tree = leaf.prop_recursive(3, 48, 8, move |inner| {
        (select(delimiters.to_vec()), vec(inner, 0..8))
            .prop_map(|(delimiter, inside)| group(delimiter, inside.into_iter().collect()))
    });
    vec(tree, 0..10).prop_map(TokenStream::from_iter)
}

/// Real source, with some of its tokens left out, doubled, or put into a group that cannot be seen.
fn mutated(source: &'static str) -> impl Strategy<Value = TokenStream> {
    vec(0_u8..40, 96).prop_map(move |changes| {
        let mut changes = changes.into_iter().cycle();
        mutate(source.parse().expect("it is Rust"), &mut changes)
    })
}

fn mutate(source: TokenStream, changes: &mut impl Iterator<Item = u8>) -> TokenStream {
    let mut mutant = TokenStream::new();
    for tree in source {
        let tree = match tree {
            TokenTree::Group(inner) => group(inner.delimiter(), mutate(inner.stream(), changes)),
            tree => tree,
        };
        match changes.next() {
            Some(0) => {}
            Some(1) => mutant.extend([tree.clone(), tree]),
            Some(2) => mutant.extend([group(Delimiter::None, tree.into())]),
            _ => mutant.extend([tree]),
        }
    }
    mutant
}

const ATTRIBUTE: &str = r#"timeout = "5s", inherit = ["user_id", KEY?], limit = 3, overflow = "wait", crate = ::a::b"#;

const FUNCTIONS: &[&str] = &[
    "#[doc = \"x\"] pub(crate) async fn f<'a, T: Clone + 'static>(&self, #[cfg(unix)] (a, mut b): (u8, &'a T), \
     #[inherit] c: Option<u8>) -> Result<impl Fn(&str) -> u8, Box<dyn for<'b> D<'b>>> where T: Send { \
     #![allow(unused)] self.g(a)?; impl X { fn h(&self) {} } info!(\"{self}\") }",
    "async unsafe extern \"C\" fn f(mut self: Arc<Self>, ref x @ Some(_): Option<&[u8]>, #[context] c: &Context) -> ! { x }",
];

#[test]
fn the_fuzz_target_has_every_module() {
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/fuzz_targets/pipeline.rs");
    let target = std::fs::read_to_string(target).unwrap();
    let modules = include_str!("lib.rs").split("\nmod ").skip(1).filter_map(|rest| rest.split(';').next());
    for module in modules.filter(|module| !matches!(*module, "fuzz" | "snapshots")) {
        assert!(target.contains(&format!("\nmod {module};")), "{module} is missing in macros/fuzz");
    }
}

/// As many cases as `PROPTEST_CASES` says, if it does.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400);
    // What is passed over is in proportion to the cases, and not more than some number.
    let max_global_rejects = u32::saturating_mul(cases, 10);
    ProptestConfig { failure_persistence: None, max_global_rejects, ..ProptestConfig::with_cases(cases) }
}

/// What the callers of `f` see of it.
fn outside(expanded: TokenStream) -> Result<String, TestCaseError> {
    let shown = expanded.to_string();
    let file: syn::File = syn::parse2(expanded).map_err(|error| TestCaseError::fail(format!("{error}: {shown}")))?;
    let function = file.items.iter().find_map(|item| match item {
        syn::Item::Fn(function) if function.sig.ident == "f" => Some(&function.sig),
        _ => None,
    });
    function.map(|signature| quote::quote!(#signature).to_string()).ok_or_else(|| TestCaseError::fail(shown))
}

/// Functions that are right, and some that are refused.
const CALLED: &[&str] = &[
    "async fn f() {}",
    "async fn f(page: &str, (a, mut b): (u8, u8), #[inherit] user: u8) -> Result<u8, E> { Ok(a + b) }",
    "async unsafe fn f<'a, T: Clone + 'static>(_: &'a T, #[context] c: &Context) -> impl Debug where T: Send { 5 }",
    "async fn f(page: &mut String, all: Vec<&str>, #[inherit] user: &u8) -> Cow<'_, str> { page }",
    "async fn f(f: impl Fn(&str), #[inherits] user: u8, #[state] db: Db) -> ! { loop {} }",
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_tokens(attribute in tokens(), item in tokens()) {
        pipeline::background(&attribute, &item);
    }

    #[test]
    fn random_options(attribute in tokens(), key in word(), value in tokens()) {
        let item = "async fn f() {}".parse().unwrap();
        let attribute = quote::quote!(timeout = "5s", #attribute, #key = #value);
        let expanded = pipeline::background(&attribute, &item).to_string();
        prop_assert!(expanded.contains("fn f ()"), "{}", expanded);
    }

    #[test]
    fn callers_see_the_same_whatever_the_options(attribute in tokens(), key in word(), value in tokens()) {
        let given = quote::quote!(#attribute, #key = #value);
        // These say something else to the callers.
        prop_assume!(!["durable", "crate"].iter().any(|key| given.to_string().contains(key)));
        for function in CALLED {
            let function: TokenStream = function.parse().unwrap();
            let right = pipeline::background(&"timeout = \"5s\"".parse().unwrap(), &function);
            prop_assert_eq!(outside(pipeline::background(&given, &function))?, outside(right)?);
        }
    }

    #[test]
    fn random_parts(inputs in tokens(), output in tokens(), body in tokens()) {
        let attribute = "timeout = \"5s\"".parse().unwrap();
        pipeline::background(&attribute, &quote::quote!(async fn f(#inputs) -> #output { #body }));
        pipeline::background(&attribute, &quote::quote!(async fn f(&self, #inputs) { #body }));
    }

    #[test]
    fn mutants(attribute in mutated(ATTRIBUTE), first in mutated(FUNCTIONS[0]), second in mutated(FUNCTIONS[1])) {
        pipeline::background(&attribute, &first);
        pipeline::background(&attribute, &second);
    }
}
