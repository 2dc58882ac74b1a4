//! Tracing callsites whose field names are known at a function's first call.
//!
//! `tracing`'s macros want their fields spelled out in the source. A function's span and events carry one field for
//! each value it inherits, and a typed key tells its name only when the program runs; so a function makes its callsites
//! at its first call, and they live as long as the process, as every callsite does.

use std::borrow::Cow;

use tracing::Metadata;
use tracing::metadata::Kind;

use super::site::Site;
use crate::function::{Function, Level};
use crate::line::on_one_line;

/// The fields of a task's span that come before the inherited values.
const SPAN_FIELDS: [&str; 2] = ["task.id", "outcome"];

/// The fields of an event that come before the inherited values.
const EVENT_FIELDS: [&str; 11] = [
    "message",
    "task",
    "task.id",
    "outcome",
    "elapsed_ms",
    "error",
    "error.chain",
    "timeout",
    "cause",
    "reason",
    "caller",
];

/// The fields of the event of an observer's panic.
const OBSERVER_FIELDS: [&str; 4] = ["message", "task", "task.id", "error"];

/// The callsites of one function.
pub(crate) struct Callsites {
    /// The function's name, as it may stand in a log.
    pub(super) task: &'static str,
    /// The names of the values it inherits, in the order of their fields.
    pub(super) names: &'static [&'static str],
    spans: [Site; 4],
    events: [Site; 4],
    pub(super) observer: Site,
}

impl Callsites {
    /// Whether the function has been called, so that it has its callsites.
    #[inline]
    pub(crate) fn are_made(function: &Function) -> bool {
        function.telemetry.get().is_some()
    }

    /// The function's, once it has been called.
    #[inline]
    pub(crate) fn of(function: &'static Function) -> Option<&'static Self> {
        function.telemetry.get()?.downcast_ref()
    }

    /// The function's, made now if this is its first call; `names` are those of all its carriers.
    pub(crate) fn of_call(function: &'static Function, names: &[&'static str]) -> Option<&'static Self> {
        function.telemetry.get_or_init(|| Box::new(Self::new(function, names))).downcast_ref()
    }

    fn new(function: &'static Function, names: &[&'static str]) -> Self {
        let names: &'static [_] = Vec::leak(names.to_vec());
        let shown: Vec<_> = names.iter().copied().map(field_of).collect();
        let (of_spans, of_events) = (fields(&SPAN_FIELDS, &shown), fields(&EVENT_FIELDS, &shown));
        // Whatever concerns a function has its module for a target: the filter that shows that module shows it too.
        let (name, target) = (named(function.name), named(function.module));
        let site = |name, kind, fields, level: Level| {
            let (file, line) = (Some(function.file), Some(function.line));
            Site::new(fields, |fields| {
                Metadata::new(name, target, level.into(), file, line, Some(target), fields, kind)
            })
        };
        Self {
            task: name,
            names,
            spans: LEVELS.map(|level| site(name, Kind::SPAN, of_spans, level)),
            events: LEVELS.map(|level| site("task", Kind::EVENT, of_events, level)),
            observer: site("observer", Kind::EVENT, &OBSERVER_FIELDS, Level::Error),
        }
    }

    #[inline]
    pub(super) fn span(&self, level: Level) -> &Site {
        &self.spans[index(level)]
    }

    #[inline]
    pub(super) fn event(&self, level: Level) -> &Site {
        &self.events[index(level)]
    }
}

const LEVELS: [Level; 4] = [Level::Error, Level::Warn, Level::Info, Level::Debug];

fn index(level: Level) -> usize {
    match level {
        Level::Error => 0,
        Level::Warn => 1,
        Level::Info => 2,
        Level::Debug => 3,
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
    if EVENT_FIELDS.contains(&name) { String::leak(format!("inherited.{name}")) } else { named(name) }
}

/// A name that may stand in a log. It is kept as long as the callsite, as all of that is.
fn named(name: &'static str) -> &'static str {
    match on_one_line(name) {
        Cow::Borrowed(name) => name,
        Cow::Owned(name) => String::leak(name),
    }
}

fn fields(own: &[&'static str], names: &[&'static str]) -> &'static [&'static str] {
    Vec::leak(own.iter().chain(names).copied().collect())
}
