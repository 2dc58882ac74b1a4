//! Gives `self` another name in the body of a method.
//!
//! The body of a `&self` method has to see the copy that the task owns under the name `self`, and no such name can be
//! bound. So each `self` that stands for the value becomes the given name; it keeps its span, and with it its place and
//! hygiene.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};

use super::self_in_text;
use crate::tokens::is_punct;

/// Every token of `tokens` but `self` stays as it is. So does all of what is typed just now: the compiler has said already
/// that it is no Rust, and would say it again at another place.
pub(crate) fn rename_self(tokens: TokenStream, name: &str) -> TokenStream {
    if is_half_typed(tokens.clone()) { tokens } else { renamed(tokens, name) }
}

/// Whether a `self.` waits for what follows.
fn is_half_typed(tokens: TokenStream) -> bool {
    let mut trees = tokens.into_iter().peekable();
    let mut in_range = false;
    while let Some(tree) = trees.next() {
        let waits = is_punct(&tree, '.') && !in_range && trees.peek().is_none_or(|next| is_punct(next, ';'));
        let inside = matches!(&tree, TokenTree::Group(group) if is_half_typed(group.stream()));
        if waits || inside {
            return true;
        }
        in_range = is_punct(&tree, '.');
    }
    false
}

fn renamed(tokens: TokenStream, name: &str) -> TokenStream {
    let mut stretch = None;
    let mut before: Option<TokenTree> = None;
    let mut renamed = TokenStream::new();
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        stretch = stretch.or_else(|| Stretch::beginning_with(&tree));
        let kept = stretch.is_some() || before.as_ref().is_some_and(|it| is_word(it, "pub"));
        let follows_bang = before.is_some_and(|it| is_punct(&it, '!'));
        let next = trees.peek();
        // `self::name`; and `self = ..`, which is no expression, but names a field of a span.
        let no_value = next.is_some_and(|next| is_punct(next, ':') || is_lone(next, '='));
        if stretch.as_ref().is_some_and(|stretch| stretch.ends_with(&tree)) {
            stretch = None;
        }
        before = Some(tree.clone());
        renamed.extend([match tree {
            tree if kept => tree,
            TokenTree::Ident(word) if word == "self" && !no_value => Ident::new(name, word.span()).into(),
            TokenTree::Group(group) if follows_bang => within(self_in_text::rename(group, name), name).into(),
            TokenTree::Group(group) => within(group, name).into(),
            other => other,
        }]);
    }
    renamed
}

/// A group is made anew only if it has to be: the new one's delimiters share one span.
fn within(group: Group, name: &str) -> Group {
    if !mentions_self(group.stream()) {
        return group;
    }
    let mut renamed = Group::new(group.delimiter(), renamed(group.stream(), name));
    renamed.set_span(group.span());
    renamed
}

fn mentions_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => mentions_self(group.stream()),
        // In a text: whether it is one that names it, is looked at then.
        TokenTree::Literal(text) => text.to_string().contains("{self"),
        tree => is_word(&tree, "self"),
    })
}

/// A stretch of tokens whose `self` is another one.
enum Stretch {
    /// `impl .. { .. }` or `trait .. { .. }` inside of the body, whose methods have their own.
    Item,
    /// `use self::module::{self, Name};`
    Import,
}

impl Stretch {
    fn beginning_with(tree: &TokenTree) -> Option<Self> {
        if is_word(tree, "impl") || is_word(tree, "trait") {
            return Some(Self::Item);
        }
        is_word(tree, "use").then_some(Self::Import)
    }

    fn ends_with(&self, tree: &TokenTree) -> bool {
        let braces = matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        is_punct(tree, ';') || (braces && matches!(self, Self::Item))
    }
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

fn is_lone(tree: &TokenTree, c: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == c && punct.spacing() == Spacing::Alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> String {
        rename_self(text.parse().unwrap(), "this").to_string()
    }

    fn plain(text: &str) -> String {
        text.parse::<TokenStream>().unwrap().to_string()
    }

    #[test]
    fn renames_the_value() {
        assert_eq!(after("self.a + f(&self, [self])"), plain("this.a + f(&this, [this])"));
        assert_eq!(after("let [a, ..] = self; (..self, 1..)"), plain("let [a, ..] = this; (..this, 1..)"));
        assert_eq!(after("self == self"), plain("this == this"));
        assert_eq!(after("m!(self); || self"), plain("m!(this); || this"));
        assert_eq!(after("if self.x { self } else { y }"), plain("if this.x { this } else { y }"));
    }

    #[test]
    fn keeps_any_other_self() {
        for text in [
            "self::f()",
            "use self::a::{self, b};",
            "pub(self) struct S;",
            "impl S { fn f(&self) { self.a } }",
            "trait T { fn f(&self) { self.a } }",
            "fn f(x: impl T) -> impl T { x }",
            "Self::f()",
            "self.",
            "f(self); g(|| self. );",
            "{ self.; self }",
            "span!(self = debug(x))",
        ] {
            assert_eq!(after(text), plain(text));
        }
        assert_eq!(
            after("impl S { fn f(&self) {} } self.a; use self::b; self"),
            plain("impl S { fn f(&self) {} } this.a; use self::b; this"),
        );
    }
}
