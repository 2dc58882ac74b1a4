//! One tracing callsite, made while the program runs.

use std::fmt;
use std::sync::OnceLock;

use tracing::callsite::{Callsite, DefaultCallsite, Identifier};
use tracing::field::{FieldSet, Value, display};
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Span, dispatcher, span};

use crate::panics;

/// One callsite.
///
/// What tracing lists is its own [`DefaultCallsite`]: any other type's is kept under a lock that is held while subscribers
/// are told of it, so that one that makes a call then waits for itself, and one that panics then spoils the list. It
/// is listed when it is first reached, as those of tracing's macros are.
pub(super) struct Site {
    metadata: &'static Metadata<'static>,
    listed: DefaultCallsite,
}

impl Site {
    /// Makes a callsite, which keeps its metadata as long as the process; `describe` makes them of the fields.
    pub(super) fn new(fields: &'static [&'static str], describe: impl FnOnce(FieldSet) -> Metadata<'static>) -> Self {
        let identity: &'static Identity = Box::leak(Box::new(Identity(OnceLock::new())));
        let metadata = identity.0.get_or_init(|| describe(FieldSet::new(fields, Identifier(identity))));
        Self { metadata, listed: DefaultCallsite::new(metadata) }
    }

    /// Whether the current subscriber wants this callsite; next to nothing when its level is off.
    #[inline]
    pub(super) fn is_enabled(&'static self) -> bool {
        is_on(*self.metadata.level()) && self.is_wanted()
    }

    /// That nobody is interested is never believed. While one subscriber lives, tracing asks the one of the thread at
    /// hand in its place, and so notes it, for good, of a callsite that a thread without one is the first to reach.
    fn is_wanted(&'static self) -> bool {
        // What panics here is a subscriber, maybe another thread's: it is no reason not to ask the current one.
        let by_all = panics::catch(|| self.listed.interest().is_always()).unwrap_or(false);
        by_all || panics::catch(|| dispatcher::get_default(|current| current.enabled(self.metadata))).unwrap_or(false)
    }

    /// Opens a span; `parent` as [`Attributes`](tracing::span::Attributes) has it.
    pub(super) fn open(&self, is_root: bool, values: &[Option<&dyn Value>]) -> Span {
        // `value_set_all` is what tracing's macros call; it is public and kept, though hidden from the docs.
        let values = self.metadata.fields().value_set_all(values);
        if is_root { Span::new_root(self.metadata, &values) } else { Span::new(self.metadata, &values) }
    }

    pub(super) fn emit(&self, values: &[Option<&dyn Value>], within: Within) {
        let values = self.metadata.fields().value_set_all(values);
        match within {
            Within::Current => Event::dispatch(self.metadata, &values),
            Within::Span(span) => Event::child_of(span, self.metadata, &values),
        }
    }

    /// Hands a line to the `log` crate, where [`is_logging`].
    pub(super) fn log(&'static self, line: &dyn fmt::Display) {
        let (fields, line) = (self.metadata.fields(), display(line));
        let Some(message) = fields.field("message") else { return };
        let values = [(&message, Some(&line as &dyn Value))];
        // As `is_logging`: what tracing's own macros come to.
        tracing::__tracing_log!(*self.metadata.level(), self.listed, &fields.value_set(&values));
        // Where tracing has no such feature, that is nothing.
        let _ = values;
    }
}

/// Whether any subscriber of the process, set for a scope or not, may want what is of that level.
#[inline]
pub(super) fn is_on(level: tracing::Level) -> bool {
    level <= STATIC_MAX_LEVEL && level <= LevelFilter::current()
}

/// Whether the program's `tracing` hands lines to the `log` crate: it has its feature `log`, and no subscriber was set.
///
/// Only a macro of tracing's can know of its features. It is hidden from the docs, and kept: all its macros come to it, in
/// every program.
#[inline]
pub(crate) fn is_logging() -> bool {
    !dispatcher::has_been_set() && tracing::if_log_enabled! { tracing::Level::ERROR, { true } else { false } }
}

/// The span that an event is told in.
pub(crate) enum Within {
    /// The one that is entered here.
    Current,
    /// This one, or none. Those entered here besides have no part in it, and an error in them would count as their own: a layer
    /// whose filter hides this one would take the next.
    Span(Option<span::Id>),
}

/// What a callsite's fields know it by. A [`DefaultCallsite`] is made of its metadata, and these of who they are of: so
/// where no `static` ties the two, a third has to be there first.
struct Identity(OnceLock<Metadata<'static>>);

impl Callsite for Identity {
    /// Only what is listed is told, and this never is.
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        self.0.get().expect("set before the identity is handed out")
    }
}
