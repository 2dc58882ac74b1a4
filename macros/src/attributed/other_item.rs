//! What stands under the attribute if it is no function.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::tokens::is_punct;

/// What it is, and the token that says so.
pub(super) struct OtherItem {
    pub(super) token: TokenTree,
    pub(super) kind: &'static str,
    /// Not an item, and no whole statement: nothing can stand beside it.
    pub(super) is_expression: bool,
}

/// Nothing for a function, and for what nobody can tell from a broken one.
pub(super) fn other_item(item: TokenStream) -> Option<OtherItem> {
    let trees: Vec<_> = item.into_iter().collect();
    let is_statement = trees.last().is_some_and(|last| is_punct(last, ';'));
    let trees = without_attributes(&trees);
    let trees = without_modifiers(trees);
    let (token, kind) = item_kind(trees).or_else(|| expression_kind(trees))?;
    let is_item = item_kind(trees).is_some();
    Some(OtherItem { token: token.clone(), kind, is_expression: !is_item && !is_statement })
}

fn item_kind(trees: &[TokenTree]) -> Option<(&TokenTree, &'static str)> {
    let (first, rest) = trees.split_first()?;
    let kind = match word(first)?.as_str() {
        "struct" => "a struct",
        "enum" => "an enum",
        "union" => "a union",
        "trait" => "a trait; put it on the default methods in it",
        "impl" => "an `impl` block; put it on each function in it",
        "mod" => "a module; put it on each function in it",
        "type" => "a type alias",
        "const" if !begins_function(rest) && !begins_with_braces(rest) => "a constant",
        "static" if !begins_closure(rest) => "a static",
        "use" => "an import",
        "let" => "a statement; give its future to `detached::task(..)`, or write a named `async fn`",
        "macro_rules" => "a macro; put it on the `async fn` that the macro makes",
        "extern" if begins_with(rest, "crate") => "an `extern crate`",
        "extern" if is_extern_block(rest) => "an `extern` block; call its functions in an `async fn`",
        _ if is_macro_call(trees) => "a macro call; put it on the `async fn` that the macro makes",
        _ => return None,
    };
    Some((first, kind))
}

fn expression_kind(trees: &[TokenTree]) -> Option<(&TokenTree, &'static str)> {
    let (first, rest) = trees.split_first()?;
    let closure = "a closure; give the future that it makes to `detached::task(..)`, or write a named `async fn`";
    let block = "an `async` block; give it to `detached::task(..)`, or write a named `async fn`";
    let expression = "an expression; give a future to `detached::task(..)`, or write a named `async fn`";
    let kind = match word(first).as_deref() {
        Some("async" | "static" | "move") if begins_closure(rest) => closure,
        Some("async" | "static" | "move") if begins_with_braces(rest) || begins_with(rest, "move") => block,
        Some("fn" | "async" | "extern") => return None,
        // Of a function, or of half of one.
        Some(_) if begins_function(rest) => return None,
        None if begins_closure(trees) => closure,
        _ => expression,
    };
    Some((first, kind))
}

fn without_attributes(mut trees: &[TokenTree]) -> &[TokenTree] {
    while let [hash, TokenTree::Group(group), rest @ ..] = trees {
        if !is_punct(hash, '#') || group.delimiter() != Delimiter::Bracket {
            break;
        }
        trees = rest;
    }
    trees
}

/// Without `pub(..)`, `unsafe` and the like.
fn without_modifiers(mut trees: &[TokenTree]) -> &[TokenTree] {
    while let Some((first, rest)) = trees.split_first() {
        match word(first).as_deref() {
            Some("pub") => trees = without_parentheses(rest),
            // An `unsafe` block is an expression.
            Some("unsafe") if begins_with_braces(rest) => break,
            Some("unsafe" | "safe" | "default" | "auto" | "crate") => trees = rest,
            _ => break,
        }
    }
    trees
}

fn without_parentheses(trees: &[TokenTree]) -> &[TokenTree] {
    match trees {
        [TokenTree::Group(group), rest @ ..] if group.delimiter() == Delimiter::Parenthesis => rest,
        _ => trees,
    }
}

/// `a::b!`
fn is_macro_call(trees: &[TokenTree]) -> bool {
    let path = trees.iter().take_while(|tree| matches!(tree, TokenTree::Ident(_)) || is_punct(tree, ':')).count();
    matches!(&trees[path..], [bang, TokenTree::Group(_), ..] if path > 0 && is_punct(bang, '!'))
}

/// After `extern`: `"C" { .. }`.
fn is_extern_block(rest: &[TokenTree]) -> bool {
    let abi = rest.iter().take_while(|tree| matches!(tree, TokenTree::Literal(_))).count();
    begins_with_braces(&rest[abi..])
}

fn begins_function(trees: &[TokenTree]) -> bool {
    let mut words = trees.iter().take_while(|tree| matches!(tree, TokenTree::Ident(_) | TokenTree::Literal(_)));
    words.any(|tree| word(tree).is_some_and(|word| word == "fn"))
}

/// `|..|`, perhaps after a `move`.
fn begins_closure(trees: &[TokenTree]) -> bool {
    match trees {
        [first, rest @ ..] if word(first).is_some_and(|word| word == "move") => begins_closure(rest),
        [first, ..] => is_punct(first, '|'),
        [] => false,
    }
}

fn begins_with_braces(trees: &[TokenTree]) -> bool {
    matches!(trees, [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Brace)
}

fn begins_with(trees: &[TokenTree], expected: &str) -> bool {
    trees.first().and_then(word).is_some_and(|word| word == expected)
}

fn word(tree: &TokenTree) -> Option<String> {
    match tree {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(item: &str) -> Option<(String, bool)> {
        let found = other_item(item.parse().unwrap())?;
        let kind = found.kind.split([';', ' ']).take(3).collect::<Vec<_>>().join(" ");
        Some((format!("{}: {kind}", found.token), found.is_expression))
    }

    #[test]
    fn tells_items_and_expressions() {
        for (item, token, is_expression) in [
            ("#[doc = \"x\"] pub(crate) struct S;", "struct", false),
            ("unsafe extern \"C\" { fn f(); }", "extern", false),
            ("extern crate a as b;", "extern", false),
            ("unsafe auto trait T {}", "trait", false),
            ("const N: u8 = 5;", "const", false),
            ("tokio::task_local! { static A: u8; }", "tokio", false),
            ("let a = async {};", "let", false),
            ("async {}", "async", true),
            ("async move { f().await };", "async", false),
            ("async move |x| x", "async", true),
            ("move || 5", "move", true),
            ("|x| x", "|", true),
            ("{ 5 }", "{ 5 }", true),
            ("unsafe { f() }", "unsafe", true),
            ("match x {}", "match", true),
            ("f(5);", "f", false),
        ] {
            let found = other_item(item.parse().unwrap()).unwrap_or_else(|| panic!("{item}"));
            assert_eq!((found.token.to_string().as_str(), found.is_expression), (token, is_expression), "{item}");
        }
        assert!(kind("async { 5 }").unwrap().0.contains("an `async` block"));
        assert!(kind("move |x| x").unwrap().0.contains("a closure"));
    }

    #[test]
    fn leaves_functions_alone() {
        for item in ["fn f() {}", "pub const unsafe extern \"C\" fn f() {}", "async fn f(x)", "asnyc fn f() {}", ""] {
            assert!(kind(item).is_none(), "{item}");
        }
    }
}
