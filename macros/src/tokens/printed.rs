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
                if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_as_a_person_does() {
        let ty: syn::Type = syn::parse_str("impl Fn(&str)->  u8").unwrap();
        assert_eq!(printed(ty), "impl Fn(&str) -> u8");
    }
}
