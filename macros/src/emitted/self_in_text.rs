//! `"{self}"` in the text of a formatting macro names a value, as `self` outside of the text does.

use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};

/// What is in the parentheses of a macro's call, with `{self}` renamed in its text. The text is the first argument that is
/// one literal with a brace in it: what comes after that is what it shows.
pub(crate) fn rename(call: Group, name: &str) -> Group {
    let trees: Vec<_> = call.stream().into_iter().collect();
    let text = (0..trees.len()).find(|&index| is_argument(&trees, index) && trees[index].to_string().contains('{'));
    let renamed = text.and_then(|index| Some((index, rename_in(&trees[index], name)?)));
    match renamed {
        Some((index, literal)) if call.delimiter() == Delimiter::Parenthesis => {
            let mut trees = trees;
            trees[index] = literal.into();
            let mut renamed = Group::new(Delimiter::Parenthesis, TokenStream::from_iter(trees));
            renamed.set_span(call.span());
            renamed
        }
        _ => call,
    }
}

/// Whether it is a literal, alone between commas.
fn is_argument(trees: &[TokenTree], index: usize) -> bool {
    let is_end = |tree: Option<&TokenTree>| match tree {
        None => true,
        Some(TokenTree::Punct(punct)) => punct.as_char() == ',',
        Some(_) => false,
    };
    let before = index.checked_sub(1).and_then(|before| trees.get(before));
    matches!(trees[index], TokenTree::Literal(_)) && is_end(before) && is_end(trees.get(index + 1))
}

/// Nothing, if the text does not name it.
fn rename_in(text: &TokenTree, name: &str) -> Option<Literal> {
    let written = text.to_string();
    let mut rest = written.as_str();
    let mut renamed = String::new();
    while let Some(brace) = rest.find('{') {
        let (before, after) = rest.split_at(brace + 1);
        renamed.push_str(before);
        rest = after;
        if let Some(escaped) = rest.strip_prefix('{') {
            renamed.push('{');
            rest = escaped;
        } else if let Some(after) = rest.strip_prefix("self").filter(|after| after.starts_with(['}', ':'])) {
            renamed.push_str(name);
            rest = after;
        }
    }
    renamed.push_str(rest);
    if renamed == written {
        return None;
    }
    let mut literal: Literal = renamed.parse().ok()?;
    literal.set_span(text.span());
    Some(literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(text: &str) -> String {
        let call: TokenStream = text.parse().unwrap();
        let Some(TokenTree::Group(call)) = call.into_iter().next() else { panic!("{text} is a group") };
        rename(call, "this").to_string()
    }

    fn plain(text: &str) -> String {
        text.parse::<TokenStream>().unwrap().to_string()
    }

    #[test]
    fn renames_what_the_text_names() {
        assert_eq!(
            renamed(r#"("{self} {self:?} {{self}} {selfish}")"#),
            plain(r#"("{this} {this:?} {{self}} {selfish}")"#)
        );
        assert_eq!(renamed(r##"(f, r#"{self:>4}"#, a)"##), plain(r##"(f, r#"{this:>4}"#, a)"##));
        assert_eq!(renamed(r#"("a", b, "{self}")"#), plain(r#"("a", b, "{this}")"#));
        assert_eq!(renamed(r#"(field = "{}", "{self}")"#), plain(r#"(field = "{}", "{this}")"#));
    }

    #[test]
    fn keeps_what_is_shown() {
        for text in [r#"("{}", "{self}")"#, r#"("{self}".len())"#, r#"["{self}"]"#, "(self)"] {
            assert_eq!(renamed(text), plain(text));
        }
    }
}
