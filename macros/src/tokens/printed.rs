//! Tokens as a message shows them.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// The tokens of a type with the spaces that a person writes.
pub(crate) fn printed(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    print(tokens.to_token_stream(), &mut text);
    text
}

fn print(tokens: TokenStream, text: &mut String) {
    for tree in tokens {
        if ends_with_lifetime(text) && begins_type(&tree) {
            text.push(' ');
        }
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                print(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match (punct.as_char(), punct.spacing()) {
                (c @ (',' | ';'), _) => {
                    text.push(c);
                    text.push(' ');
                }
                ('>', _) if text.ends_with('-') => text.push_str("> "),
                (c @ ('+' | '='), _) => {
                    text.push(' ');
                    text.push(c);
                    text.push(' ');
                }
                ('-', Spacing::Joint) => text.push_str(" -"),
                (c, _) => text.push(c),
            },
            word => {
                if text.ends_with(|c| is_of_word(c) || c == '>') {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
                if matches!(word.to_string().as_str(), "dyn" | "impl" | "mut") {
                    text.push(' ');
                }
            }
        }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn ends_with_lifetime(text: &str) -> bool {
    let before = text.trim_end_matches(is_of_word);
    before.len() < text.len() && before.ends_with('\'')
}

/// `&'static [u8]`, `&'static &u8`.
fn begins_type(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Group(_))
        || matches!(tree, TokenTree::Punct(punct) if matches!(punct.as_char(), '&' | '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_as_a_person_does() {
        for (written, shown) in [
            ("impl Fn(&str)->  u8", "impl Fn(&str) -> u8"),
            ("&'static&'a[u8]", "&'static &'a [u8]"),
            ("Box<dyn for<'a>Fn(& 'a u8)+Send+'static>", "Box<dyn for<'a> Fn(&'a u8) + Send + 'static>"),
            ("<T as Rows>::Row", "<T as Rows>::Row"),
        ] {
            assert_eq!(printed(syn::parse_str::<syn::Type>(written).unwrap()), shown);
        }
    }
}
