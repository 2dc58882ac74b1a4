//! What is written between the parentheses of `#[background(..)]`: each option is read on its own, and then looked at beside
//! the others.

use std::time::Duration;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Expr, LitStr, Path};

use super::choice::{self, Level, Origin, Overflow, Shutdown, Trace};
use super::durability::{self, Durability};
use super::entry::{End, Entries, Entry, Written};
use super::inherit::{self, Inherited};
use super::option_name::{self, Name};
use super::option_value::{self, Limit};
use super::renamed;
use super::slot::Slot;
use super::time::{self, Timeout};
use crate::diagnostics::Diagnostics;
use crate::tokens::is_punct;

/// Every option as written; an option that was wrong is absent, and its error is in the diagnostics.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) timeout: Slot<Timeout>,
    pub(crate) inherit: Slot<Vec<Inherited>>,
    pub(crate) name: Slot<String>,
    pub(crate) grace: Slot<Duration>,
    pub(crate) origin: Slot<Origin>,
    pub(crate) shutdown: Slot<Shutdown>,
    pub(crate) trace: Slot<Trace>,
    pub(crate) level: Slot<Level>,
    pub(crate) limit: Slot<Limit>,
    pub(crate) overflow: Slot<Overflow>,
    pub(crate) queue: Slot<usize>,
    pub(crate) start_timeout: Slot<Duration>,
    pub(crate) supervisor: Slot<Expr>,
    pub(crate) durable: Durability,
    pub(crate) runtime: Slot<Path>,
    /// Another error says why there is no bound.
    timeout_explained: bool,
}

/// Reads all options; the mistakes of one don't hide those of the next.
pub(crate) fn parse(attribute: TokenStream, diagnostics: &mut Diagnostics) -> Options {
    let mut options = Options::default();
    let mut entries = Entries::new(attribute);
    while let Some(entry) = entries.next() {
        let before = diagnostics.count();
        let has_value = match entry {
            Entry::Brackets(error) => {
                diagnostics.push(error);
                continue;
            }
            Entry::Other(found) if is_punct(&found, ',') => {
                diagnostics.error(found, "expected an option, found another `,`");
                continue;
            }
            Entry::Other(found) => {
                options.note_other(&found, diagnostics);
                false
            }
            Entry::Option(written) => {
                let has_value = written.value.is_some();
                options.fill(written, diagnostics);
                has_value
            }
        };
        let explained = diagnostics.count() > before;
        match entries.end_option() {
            Some(End::Option(error)) if has_value => diagnostics.push(error),
            Some(End::Other(error)) if !explained => diagnostics.push(error),
            _ => {}
        }
    }
    options.check_runtime(diagnostics);
    options.check_timeout(diagnostics);
    options.check_combinations(diagnostics);
    options.check_durability(diagnostics);
    options
}

impl Options {
    /// What no option begins with.
    fn note_other(&mut self, found: &TokenTree, diagnostics: &mut Diagnostics) {
        // `#[background("5s")]`: the message says where the bound belongs.
        self.timeout_explained |= matches!(found, TokenTree::Literal(_));
        let bound = match syn::parse2::<LitStr>(found.to_token_stream()) {
            Ok(text) if time::is_bound(&text) => text.token().to_string(),
            _ => "\"5s\"".to_owned(),
        };
        diagnostics.error(found, format!("expected an option, as in `timeout = {bound}`"));
    }

    fn fill(&mut self, written: Written, diagnostics: &mut Diagnostics) {
        let Written { name, value, error } = written;
        let key = match option_name::read(&name) {
            Name::Known(key) => key,
            Name::Unknown { meant, message } => {
                self.timeout_explained |= meant == Some("timeout");
                return diagnostics.error(name.into_iter().collect::<TokenStream>(), message);
            }
        };
        match key.to_string().as_str() {
            "timeout" => self.timeout.fill(key, value, error, diagnostics, time::timeout),
            "inherit" => self.inherit.fill(key, value, error, diagnostics, inherit::parse),
            "name" => self.name.fill(key, value, error, diagnostics, option_value::name),
            "grace" => self.grace.fill(key, value, error, diagnostics, time::duration),
            "origin" => self.origin.fill(key, value, error, diagnostics, choice::choice),
            "shutdown" => self.shutdown.fill(key, value, error, diagnostics, choice::choice),
            "trace" => self.trace.fill(key, value, error, diagnostics, choice::choice),
            "level" => self.level.fill(key, value, error, diagnostics, choice::choice),
            "limit" => self.limit.fill(key, value, error, diagnostics, option_value::limit),
            "overflow" => self.overflow.fill(key, value, error, diagnostics, choice::choice),
            "queue" => self.queue.fill(key, value, error, diagnostics, option_value::count),
            "start_timeout" => self.start_timeout.fill(key, value, error, diagnostics, time::bound),
            "supervisor" => self.supervisor.fill(key, value, error, diagnostics, option_value::expression),
            "durable" => self.durable.queue.fill(key, value, error, diagnostics, durability::queue),
            "attempts" => self.durable.attempts.fill(key, value, error, diagnostics, durability::number),
            "backoff" => self.durable.backoff.fill(key, value, error, diagnostics, durability::backoff),
            "crashes" => self.durable.crashes.fill(key, value, error, diagnostics, durability::number),
            "alias" => self.durable.alias.fill(key, value, error, diagnostics, durability::alias),
            _ => self.runtime.fill(key, value, error, diagnostics, option_value::path),
        }
    }

    /// A path that leads to nothing is told, if it is known what would lead there; and taken for that.
    fn check_runtime(&mut self, diagnostics: &mut Diagnostics) {
        let Some(name) = renamed::renamed().filter(|_| self.runtime.key().is_none()) else {
            return;
        };
        let message = format!("this crate knows `detached` as `{name}`; write `crate = ::{name}`");
        diagnostics.error_at(Span::call_site(), message);
        self.runtime.assume(syn::parse_str(&format!("::{name}")).ok());
    }

    fn check_timeout(&self, diagnostics: &mut Diagnostics) {
        if self.timeout.key().is_none() && !self.timeout_explained {
            diagnostics.error_at(
                Span::call_site(),
                "`timeout` is missing; write how long the work may take, as in `timeout = \"5s\"`, or waive the bound \
                 with `timeout = \"none\"`",
            );
        }
    }

    /// Options that mean something only of a stored call, and those that mean nothing of one.
    fn check_durability(&self, diagnostics: &mut Diagnostics) {
        if !self.durable.is_asked_for() {
            for key in self.durable.rest().into_iter().flatten() {
                diagnostics
                    .error(key, format!("`{key}` has no meaning without `durable`; write `durable = \"mail\"` too"));
            }
            return;
        }
        if let Some(key) = self.durable.queue.key().filter(|_| !durability::IS_BUILT) {
            let advice = "write `features = [\"durable\"]` behind it in `Cargo.toml`";
            diagnostics.error(key, format!("durable functions need a feature of `detached`; {advice}"));
        }
        if let (Some(key), Some(Origin::Follow)) = (self.origin.key(), self.origin.value()) {
            let advice = "the caller may be gone, and its machine too; leave `origin` out";
            diagnostics.error(key, format!("a stored call cannot follow its origin, {advice}"));
        }
        if let Some(key) = self.supervisor.key() {
            diagnostics.error(key, "a stored call runs under the supervisor of its worker; leave `supervisor` out");
        }
    }

    /// Options that mean something only beside another one.
    fn check_combinations(&self, diagnostics: &mut Diagnostics) {
        let waiting = [self.queue.key(), self.start_timeout.key()];
        if self.limit.key().is_none() {
            for key in waiting.into_iter().chain([self.overflow.key()]).flatten() {
                diagnostics.error(key, format!("`{key}` has no meaning without `limit`; write `limit = 10` too"));
            }
            return;
        }
        let refuses = match self.overflow.key() {
            Some(_) => matches!(self.overflow.value(), Some(Overflow::Reject)),
            None => true,
        };
        if refuses {
            for key in waiting.into_iter().flatten() {
                diagnostics.error(
                    key,
                    format!(
                        "`{key}` has no meaning when the overflow is rejected; write `overflow = \"wait\"` or \
                         `overflow = \"drop_oldest\"` too"
                    ),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::option_name::NAMES;

    /// Each option with a right value and a wrong one.
    const TABLE: [(&str, &str, &str); 19] = [
        ("timeout", "\"5s\"", "\"5\""),
        ("inherit", "[\"user_id\"]", "\"user_id\""),
        ("name", "\"visit\"", "5"),
        ("grace", "\"1s\"", "1"),
        ("origin", "\"follow\"", "\"leave\""),
        ("shutdown", "\"cancel\"", "true"),
        ("trace", "\"child\"", "\"sibling\""),
        ("level", "\"warn\"", "warn"),
        ("limit", "10", "0"),
        ("overflow", "\"wait\"", "\"block\""),
        ("queue", "10", "\"10\""),
        ("start_timeout", "\"1s\"", "\"0s\""),
        ("supervisor", "&SUPERVISOR", ""),
        ("durable", "\"mail\"", "\" \""),
        ("attempts", "5", "0"),
        ("backoff", "\"1s..15m\"", "\"15m..1s\""),
        ("crashes", "5", "\"5\""),
        ("alias", "[\"a\", \"b\"]", "[\"a\", \"a\"]"),
        ("crate", "::detached", "5"),
    ];

    /// Those of a stored call alone, and those that are none's.
    const OF_STORED: [&str; 5] = ["durable", "attempts", "backoff", "crashes", "alias"];

    const OF_NO_STORED: [&str; 2] = ["origin", "supervisor"];

    fn contradict(one: &str, other: &str) -> bool {
        let apart = |one, other| OF_STORED.contains(one) && OF_NO_STORED.contains(other);
        apart(&one, &other) || apart(&other, &one)
    }

    /// All options that the named ones need to have a meaning, and then these themselves.
    fn messages(written: &[(&str, &str)]) -> Vec<String> {
        let given = |key| written.iter().any(|(name, _)| *name == key);
        let mut all: Vec<String> = Vec::new();
        for (key, value, _) in TABLE {
            let is_needed = matches!(key, "timeout" | "limit" | "overflow")
                || key == "durable" && written.iter().any(|(key, _)| OF_STORED.contains(key));
            if is_needed && !given(key) {
                all.push(format!("{key} = {value}"));
            }
        }
        all.extend(written.iter().map(|(key, value)| format!("{key} = {value}")));
        let mut diagnostics = Diagnostics::new();
        parse(all.join(", ").parse().unwrap(), &mut diagnostics);
        diagnostics.finish().err().map(|errors| errors.messages()).unwrap_or_default()
    }

    #[test]
    fn the_table_is_whole() {
        assert_eq!(TABLE.map(|(key, ..)| key), NAMES);
    }

    #[test]
    fn a_doubled_option_is_one_error() {
        for (key, right, wrong) in TABLE {
            let twice = format!("`{key}` is given twice; keep one of them");
            assert_eq!(messages(&[(key, right), (key, right)]), [twice.as_str()], "{key}");
            assert_eq!(messages(&[(key, right), (key, wrong)]), [twice.as_str()], "{key}, wrong the second time");
            assert_eq!(messages(&[(key, right), (key, right), (key, right)]).len(), 2, "{key}, three times");
        }
    }

    #[test]
    fn two_options_do_not_disturb_each_other() {
        for (first, right, wrong) in TABLE {
            let others = TABLE.into_iter().filter(|(key, ..)| *key != first && !contradict(key, first));
            for (second, other_right, other_wrong) in others {
                for [one, two] in [[(first, right), (second, other_right)], [(second, other_right), (first, right)]] {
                    assert_eq!(messages(&[one, two]), [""; 0], "{one:?}, {two:?}");
                }
                for [one, two] in [[(first, wrong), (second, other_wrong)], [(second, other_wrong), (first, wrong)]] {
                    assert_eq!(messages(&[one, two]).len(), 2, "{one:?}, {two:?}");
                }
            }
        }
    }
}
