//! One tracing callsite, made while the program runs.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use tracing::callsite::{Callsite, Identifier, register};
use tracing::field::{FieldSet, Value};
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Span, dispatcher};

use crate::function::Function;

/// One callsite.
pub(super) struct Site {
    /// Set right after the site is made: the metadata refer back to it.
    metadata: OnceLock<Metadata<'static>>,
    interest: AtomicU8,
}

const NEVER: u8 = 0;

const SOMETIMES: u8 = 1;

const ALWAYS: u8 = 2;

impl Site {
    pub(super) fn leak(
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
    pub(super) fn is_enabled(&'static self) -> bool {
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

    /// Opens a span; `parent` as [`Attributes`](tracing::span::Attributes) has it.
    pub(super) fn open(&'static self, is_root: bool, values: &[Option<&dyn Value>]) -> Span {
        // `value_set_all` is what tracing's macros call; it is public and kept, though hidden from the docs.
        let metadata = self.metadata();
        let values = metadata.fields().value_set_all(values);
        if is_root { Span::new_root(metadata, &values) } else { Span::new(metadata, &values) }
    }

    pub(super) fn emit(&'static self, values: &[Option<&dyn Value>]) {
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
