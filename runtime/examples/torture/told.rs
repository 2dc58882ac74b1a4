//! Those who are told of every outcome: they count it, and then they do their worst.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use detached::{Observer, Outcome, OutcomeKind, TaskInfo};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Metadata};

use super::parts::{Mine, misbehave, stumble};

/// How many outcomes of each kind, in the order of `OutcomeKind::ALL`.
#[derive(Default)]
pub(crate) struct Tally([AtomicU64; OutcomeKind::ALL.len()]);

impl Tally {
    const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; OutcomeKind::ALL.len()])
    }

    fn count(&self, outcome: &str) {
        let kind = OutcomeKind::ALL.iter().position(|kind| kind.name() == outcome);
        self.0[kind.expect("an outcome of the closed set")].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> [u64; OutcomeKind::ALL.len()] {
        self.0.each_ref().map(|count| count.load(Ordering::Relaxed))
    }

    pub(crate) fn clear(&self) {
        self.0.iter().for_each(|count| count.store(0, Ordering::Relaxed));
    }
}

/// The events of all supervisors; or, while no subscriber is set, the lines of the log.
pub(crate) static EVENTS: Tally = Tally::new();

/// What an observer heard.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) calls: AtomicU64,
    pub(crate) starts: AtomicU64,
    pub(crate) ends: Tally,
}

/// Counts what it hears, and then lets it come to the worst.
pub(crate) struct Listener {
    pub(crate) heard: Arc<Heard>,
    pub(crate) _mine: Mine,
}

impl Observer for Listener {
    fn on_call(&self, _: &TaskInfo) {
        self.heard.calls.fetch_add(1, Ordering::Relaxed);
        misbehave();
    }

    fn on_start(&self, _: &TaskInfo) {
        self.heard.starts.fetch_add(1, Ordering::Relaxed);
        misbehave();
    }

    fn on_end(&self, _: &TaskInfo, outcome: &Outcome<'_>) {
        self.heard.ends.count(outcome.name());
        misbehave();
    }
}

/// Tokio and mio rely on whom they tell.
fn concerns_us(target: &str) -> bool {
    target.starts_with("detached") || target.contains("torture")
}

/// A subscriber. It makes no calls: from within one, tracing hears of nothing.
pub(crate) struct Recorder(AtomicU64);

impl Recorder {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(1))
    }
}

/// Shows each field, and keeps which outcome it was.
#[derive(Default)]
struct Fields {
    outcome: Option<String>,
    shown: String,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, text: &str) {
        if field.name() == "outcome" {
            self.outcome = Some(text.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // An error of a `Debug` is no news here.
        let _ = write!(self.shown, "{field}={value:?}");
    }
}

impl Subscriber for Recorder {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        concerns_us(metadata.target())
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Fields::default());
        stumble();
        Id::from_u64(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields::default());
        stumble();
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {
        stumble();
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let Some(outcome) = fields.outcome {
            EVENTS.count(&outcome);
        }
        stumble();
    }

    fn enter(&self, _: &Id) {
        stumble();
    }

    fn exit(&self, _: &Id) {
        stumble();
    }

    fn clone_span(&self, span: &Id) -> Id {
        stumble();
        span.clone()
    }

    fn try_close(&self, _: Id) -> bool {
        stumble();
        true
    }
}

/// A logger, which has the lines of `log` for as long as no subscriber was ever set.
pub(crate) struct Logger;

impl log::Log for Logger {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        concerns_us(metadata.target())
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = record.args().to_string();
        if line.starts_with("task ") {
            let (_, outcome) = line.split_once(" outcome=").expect("a line of an outcome names it");
            EVENTS.count(outcome.split_whitespace().next().unwrap_or_default());
        }
        misbehave();
    }

    fn flush(&self) {}
}
