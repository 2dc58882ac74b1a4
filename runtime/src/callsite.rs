//! Tracing callsites whose field names are known at a function's first call.
//!
//! `tracing`'s macros want their fields spelled out in the source. A function's span and events carry one field for
//! each value it inherits, and a typed key tells its name only when the program runs; so a function makes its callsites
//! at its first call, and they live as long as the process, as every callsite does.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use tracing::callsite::{Callsite, Identifier, register};
use tracing::field::{FieldSet, Value};
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Span, dispatcher, span};

use crate::function::{Function, Level};

/// The fields of a task's span that come before the inherited values.
pub(crate) const SPAN_FIELDS: [&str; 1] = ["task.id"];

/// The fields of an event that come before the inherited values.
pub(crate) const EVENT_FIELDS: [&str; 10] =
    ["message", "task", "task.id", "outcome", "elapsed", "error", "timeout", "cause", "reason", "caller"];

/// The target of all events of this crate.
pub(crate) const TARGET: &str = "detached";

/// The callsites of one function.
pub(crate) struct Callsites {
    /// The names of the values it inherits, in the order of their fields.
    pub(crate) names: &'static [&'static str],
    pub(crate) span: &'static Site,
    events: [&'static Site; 4],
}

impl Callsites {
    pub(crate) fn new(function: &'static Function, names: &[&'static str]) -> Self {
        let names: &'static [_] = Vec::leak(names.to_vec());
        let shown: Vec<_> = names.iter().copied().map(field_of).collect();
        let event = |level| {
            let name = "task";
            Site::leak(name, TARGET, level, function, fields(&EVENT_FIELDS, &shown), Kind::EVENT)
        };
        Self {
            names,
            span: Site::leak(
                function.name,
                function.module,
                tracing::Level::INFO,
                function,
                fields(&SPAN_FIELDS, &shown),
                Kind::SPAN,
            ),
            events: [Level::Error, Level::Warn, Level::Info, Level::Debug].map(|level| event(level.into())),
        }
    }

    pub(crate) fn event(&self, level: Level) -> &'static Site {
        self.events[match level {
            Level::Error => 0,
            Level::Warn => 1,
            Level::Info => 2,
            Level::Debug => 3,
        }]
    }
}

impl From<Level> for tracing::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::ERROR,
            Level::Warn => Self::WARN,
            Level::Info => Self::INFO,
            Level::Debug => Self::DEBUG,
        }
    }
}

/// The field of an inherited value: its name, unless a field of ours has that one. Formatters disagree about two fields
/// of one name: one prints both, another keeps the last.
fn field_of(name: &'static str) -> &'static str {
    if EVENT_FIELDS.contains(&name) { String::leak(format!("inherited.{name}")) } else { name }
}

fn fields(own: &[&'static str], names: &[&'static str]) -> &'static [&'static str] {
    Vec::leak(own.iter().chain(names).copied().collect())
}

/// One callsite.
pub(crate) struct Site {
    /// Set right after the site is made: the metadata refer back to it.
    metadata: OnceLock<Metadata<'static>>,
    interest: AtomicU8,
}

const NEVER: u8 = 0;
const SOMETIMES: u8 = 1;
const ALWAYS: u8 = 2;

impl Site {
    fn leak(
        name: &'static str,
        target: &'static str,
        level: tracing::Level,
        function: &'static Function,
        fields: &'static [&'static str],
        kind: Kind,
    ) -> &'static Self {
        let site: &'static Self =
            Box::leak(Box::new(Self { metadata: OnceLock::new(), interest: AtomicU8::new(NEVER) }));
        site.metadata.get_or_init(|| {
            let fields = FieldSet::new(fields, Identifier(site));
            let (file, line, module) = (Some(function.file), Some(function.line), Some(function.module));
            Metadata::new(name, target, level, file, line, module, fields, kind)
        });
        register(site);
        site
    }

    fn metadata(&self) -> &Metadata<'static> {
        self.metadata.get().expect("set before the site is handed out")
    }

    /// Whether the current subscriber wants this callsite; next to nothing when none does.
    #[inline]
    pub(crate) fn is_enabled(&'static self) -> bool {
        let level = *self.metadata().level();
        if level > STATIC_MAX_LEVEL || level > LevelFilter::current() {
            return false;
        }
        // Relaxed, as in tracing's own callsites: a change of filter reaches the threads in its own time.
        match self.interest.load(Ordering::Relaxed) {
            NEVER => false,
            ALWAYS => true,
            _ => dispatcher::get_default(|current| current.enabled(self.metadata())),
        }
    }

    /// Opens a span; `parent` as [`span::Attributes`] has it.
    pub(crate) fn open(&'static self, is_root: bool, values: &[Option<&dyn Value>]) -> Span {
        // `value_set_all` is what tracing's macros call; it is public and kept, though hidden from the docs.
        let metadata = self.metadata();
        let values = metadata.fields().value_set_all(values);
        if is_root { Span::new_root(metadata, &values) } else { Span::new(metadata, &values) }
    }

    pub(crate) fn emit(&'static self, values: &[Option<&dyn Value>]) {
        let metadata = self.metadata();
        Event::dispatch(metadata, &metadata.fields().value_set_all(values));
    }
}

impl Callsite for Site {
    fn set_interest(&self, interest: Interest) {
        let interest = match () {
            () if interest.is_never() => NEVER,
            () if interest.is_always() => ALWAYS,
            () => SOMETIMES,
        };
        self.interest.store(interest, Ordering::Relaxed);
    }

    fn metadata(&self) -> &Metadata<'_> {
        self.metadata()
    }
}

/// The id of the span the caller is in, if the subscriber knows one.
pub(crate) fn current_span() -> Option<span::Id> {
    Span::current().id()
}
