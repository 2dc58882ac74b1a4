//! One option as it is written: its name, an `=`, its value.
//!
//! It is read tree by tree and not by a grammar: what is broken ends where the next option begins, so that no mistake
//! hides another.

use std::vec;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::{Ident, Lit};

use super::option_name::{example, is_known, is_like_option, is_list};
use super::value::Value;
use crate::diagnostics::error_at;
use crate::tokens::{beginning, is_punct, leading_expression, opening, printed};

/// What is still to be read of an attribute.
pub(super) struct Entries(vec::IntoIter<TokenTree>);

/// What comes next.
pub(super) enum Entry {
    Option(Written),
    /// Brackets around options, which come next; they are wrong.
    Brackets(syn::Error),
    /// No option begins with it.
    Other(TokenTree),
}

/// An option, as far as it is there.
pub(super) struct Written {
    /// Of one word, if it is an option's.
    pub(super) name: Vec<TokenTree>,
    pub(super) value: Option<Value>,
    /// What is wrong with the spelling of the name, or between it and the value.
    pub(super) error: Option<syn::Error>,
}

/// The comma is missing behind an option.
pub(super) enum End {
    /// The next one begins there.
    Option(syn::Error),
    Other(syn::Error),
}

/// What stands between a name and its value.
enum Separator {
    Equals,
    /// Something else: these tokens, shown as that.
    Instead(TokenStream, String),
    Nothing,
}

impl Entries {
    pub(super) fn new(attribute: TokenStream) -> Self {
        Self(attribute.into_iter().collect::<Vec<_>>().into_iter())
    }

    pub(super) fn next(&mut self) -> Option<Entry> {
        if let Some(error) = self.open_brackets() {
            return Some(Entry::Brackets(error));
        }
        let quoted = match self.rest() {
            [text, rest @ ..] if begins_with_equals(rest) => name_in_quotes(text),
            _ => None,
        };
        if quoted.is_none() && !matches!(self.rest(), [TokenTree::Ident(_), ..]) {
            return self.0.next().map(Entry::Other);
        }
        let written = self.take_name();
        let name = quoted.as_ref().map_or(written, |(name, _)| vec![name.clone().into()]);
        let (value, error) = self.take_value(&name);
        Some(Entry::Option(Written { name, value, error: quoted.map(|(_, error)| error).or(error) }))
    }

    /// Goes into brackets around options, and says that nothing stands around them.
    fn open_brackets(&mut self) -> Option<syn::Error> {
        let (length, inside) = match self.rest() {
            [hash, TokenTree::Group(group), ..] if is_punct(hash, '#') => (2, options_in(group)?),
            [TokenTree::Group(group), ..] => (1, options_in(group)?),
            _ => return None,
        };
        let shown = shown(&inside);
        let advice = if is_short(&shown) { format!("write `{shown}`") } else { "leave them out".to_owned() };
        let message = format!("options stand in no brackets of their own; {advice}");
        let error = error_at(beginning(&self.rest()[0]), message);
        self.take(length);
        self.0 = inside.into_iter().chain(self.0.by_ref()).collect::<Vec<_>>().into_iter();
        Some(error)
    }

    /// Goes to where the next option begins; tells what stands in between, if it is not one comma.
    pub(super) fn end_option(&mut self) -> Option<End> {
        let end = match self.rest() {
            [] => None,
            [found, ..] if is_punct(found, ',') => None,
            [name, ..] if begins_option(self.rest()) => {
                Some(End::Option(syn::Error::new(name.span(), format!("expected `,` before `{name}`"))))
            }
            [found, ..] => {
                let message = format!("expected `,` before the next option, found `{}`", opening(found));
                Some(End::Other(error_at(beginning(found), message)))
            }
        };
        self.take_broken();
        if self.rest().first().is_some_and(|tree| is_punct(tree, ',')) {
            self.take(1);
        }
        end
    }

    /// What is broken ends at a comma, or where another option begins.
    fn take_broken(&mut self) -> Vec<TokenTree> {
        let rest = self.rest();
        let end = (0..rest.len()).find(|&index| is_punct(&rest[index], ',') || begins_option(&rest[index..]));
        self.take(end.unwrap_or(rest.len()))
    }

    fn rest(&self) -> &[TokenTree] {
        self.0.as_slice()
    }

    fn take(&mut self, count: usize) -> Vec<TokenTree> {
        self.0.by_ref().take(count).collect()
    }

    /// One word, or several that are joined as elsewhere: `time-out`, `detached::timeout`.
    fn take_name(&mut self) -> Vec<TokenTree> {
        let mut name = self.take(1);
        loop {
            let marks = match self.rest() {
                [mark, TokenTree::Ident(_), ..] if is_punct(mark, '-') || is_punct(mark, '.') => 1,
                [first, second, TokenTree::Ident(_), ..] if is_punct(first, ':') && is_punct(second, ':') => 2,
                _ => return name,
            };
            name.extend(self.take(marks + 1));
        }
    }

    fn take_value(&mut self, name: &[TokenTree]) -> (Option<Value>, Option<syn::Error>) {
        let separator = self.take_separator();
        let value = self.take_expression();
        let value = if is_list(name) { value.map(|first| self.take_more_elements(&first)) } else { value };
        match (separator, value) {
            (Separator::Equals, Some(value)) => (Some(value), None),
            (Separator::Instead(tokens, found), value) => {
                let value = value.and_then(|value| out_of_parentheses(value, is_list(name)));
                let (name, right) = (shown(name), assignment(&shown(name), value.as_ref()));
                let message = format!("expected `=` after `{name}`, found `{found}`; write `{right}`");
                (value, Some(error_at(tokens, message)))
            }
            (_, value) => (value, Some(self.no_value(name))),
        }
    }

    fn no_value(&self, name: &[TokenTree]) -> syn::Error {
        let shown = shown(name);
        match self.rest() {
            [TokenTree::Ident(again), ..] if *again == shown => {
                error_at(again, format!("`{shown}` is written twice; keep one of them"))
            }
            _ => {
                let message = format!("`{shown}` has no value; write `{}`", assignment(&shown, None));
                error_at(name.iter().cloned().collect::<TokenStream>(), message)
            }
        }
    }

    fn take_separator(&mut self) -> Separator {
        if begins_with_equals(self.rest()) {
            self.take(1);
            return Separator::Equals;
        }
        match self.rest() {
            [] => Separator::Nothing,
            [TokenTree::Punct(mark), ..] if matches!(mark.as_char(), ',' | ';' | '#') => Separator::Nothing,
            [TokenTree::Punct(_), ..] => self.take_operator(),
            rest if begins_option(rest) => Separator::Nothing,
            // `timeout is "5s"`.
            [TokenTree::Ident(word), TokenTree::Literal(_), ..] => {
                let found = word.to_string();
                Separator::Instead(self.take(1).into_iter().collect(), found)
            }
            [other, ..] => Separator::Instead(beginning(other), opening(other)),
        }
    }

    /// `:`, `==`, `+=`, `: =`.
    fn take_operator(&mut self) -> Separator {
        let (mut tokens, mut found) = (TokenStream::new(), String::new());
        while let Some(TokenTree::Punct(mark)) = self.rest().first().cloned() {
            found.push(mark.as_char());
            tokens.extend(self.take(1));
            if mark.spacing() == Spacing::Alone {
                break;
            }
        }
        if begins_with_equals(self.rest()) {
            self.take(1);
        }
        Separator::Instead(tokens, found)
    }

    /// Of a list without brackets, what follows and can be no option.
    fn take_more_elements(&mut self, first: &Value) -> Value {
        let mut elements = first.trees().to_vec();
        while let [comma, rest @ ..] = self.rest() {
            let length = rest.iter().position(|tree| is_punct(tree, ',')).unwrap_or(rest.len());
            if !is_punct(comma, ',') || !is_element(&rest[..length]) {
                break;
            }
            elements.extend(self.take(1 + length));
        }
        Value::new(elements)
    }

    /// As far as an expression goes; nothing, if there is none.
    fn take_expression(&mut self) -> Option<Value> {
        let taken = match self.rest() {
            [] => return None,
            [first, ..] if is_punct(first, ',') || begins_option(self.rest()) => return None,
            // A group is not looked into: that is for who reads it.
            [_] => self.take(1),
            [_, next, ..] if is_punct(next, ',') => self.take(1),
            // `1m 30s` without quotes.
            [first, second, ..] if is_number(first) && is_number(second) => self.take_broken(),
            rest => match leading_expression(rest) {
                Some((_, length)) => self.take(length),
                None => [self.take(1), self.take_broken()].concat(),
            },
        };
        Some(Value::new(taken))
    }
}

/// `[timeout = "5s"]`, `(timeout = "5s",)`
fn options_in(group: &Group) -> Option<Vec<TokenTree>> {
    let mut trees: Vec<_> = group.stream().into_iter().collect();
    if group.delimiter() == Delimiter::None || !begins_option(&trees) || !is_known(&trees[..1]) {
        return None;
    }
    if trees.last().is_some_and(|last| is_punct(last, ',')) {
        trees.pop();
    }
    Some(trees)
}

/// A text, or the path of a key.
fn is_element(trees: &[TokenTree]) -> bool {
    let is_of_path =
        |tree: &TokenTree| matches!(tree, TokenTree::Ident(_)) || is_punct(tree, ':') || is_punct(tree, '?');
    match trees {
        [TokenTree::Literal(_), rest @ ..] => !begins_with_equals(rest),
        [TokenTree::Ident(word), rest @ ..] => !is_like_option(&word.to_string()) && rest.iter().all(is_of_path),
        _ => false,
    }
}

fn is_number(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Literal(literal) if literal.to_string().starts_with(|c: char| c.is_ascii_digit()))
}

/// `=`, and neither `==` nor `=>`.
fn begins_with_equals(trees: &[TokenTree]) -> bool {
    match trees {
        [TokenTree::Punct(equals), rest @ ..] if equals.as_char() == '=' => {
            let goes_on = |next: &TokenTree| is_punct(next, '=') || is_punct(next, '>');
            equals.spacing() == Spacing::Alone || !rest.first().is_some_and(goes_on)
        }
        _ => false,
    }
}

/// `name =`
fn begins_option(trees: &[TokenTree]) -> bool {
    matches!(trees, [TokenTree::Ident(_), rest @ ..] if begins_with_equals(rest))
}

/// `"timeout"`: the name, and that it has no quotes.
fn name_in_quotes(text: &TokenTree) -> Option<(Ident, syn::Error)> {
    let TokenTree::Literal(text) = text else { return None };
    let Lit::Str(text) = Lit::new(text.clone()) else { return None };
    let name = text.parse_with(Ident::parse_any).ok()?;
    let message = format!("the name of an option has no quotes; write `{name}`");
    Some((name, error_at(text, message)))
}

/// `("5s")` for `"5s"`; and for a list, `("a", "b")` for `["a", "b"]`.
fn out_of_parentheses(value: Value, is_list: bool) -> Option<Value> {
    let [TokenTree::Group(group)] = value.trees() else { return Some(value) };
    let is_right = is_list && group.delimiter() == Delimiter::Bracket;
    if is_right || group.delimiter() == Delimiter::None {
        return Some(value);
    }
    if !is_list {
        return (!group.stream().is_empty()).then(|| Value::new(group.stream().into_iter().collect()));
    }
    let mut list = Group::new(Delimiter::Bracket, group.stream());
    list.set_span(group.span());
    Some(Value::new(vec![list.into()]))
}

/// `timeout = "5s"`, with the value that is there if it is a short one.
fn assignment(name: &str, value: Option<&Value>) -> String {
    let value = value.map(printed).filter(|value| is_short(value));
    let value = value.unwrap_or_else(|| example(name).to_owned());
    format!("{name} = {value}")
}

fn shown(trees: &[TokenTree]) -> String {
    printed(trees.iter().cloned().collect::<TokenStream>())
}

/// For a message to repeat it.
fn is_short(text: &str) -> bool {
    text.chars().count() <= 40
}
