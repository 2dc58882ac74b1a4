//! A subscriber that records what it is told: spans with their tree and their life, and events with their place.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Level, Metadata};
use tracing_core::span::Current;

/// The recording; clones share it. A test sets it for its own scope, so tests of one binary do not see each other's.
///
/// As `tracing_subscriber`'s registry does it, an open child holds its parent open.
#[derive(Clone)]
pub struct Recording {
    state: Arc<Mutex<State>>,
    wants: fn(&Metadata<'_>) -> bool,
}

#[derive(Default)]
struct State {
    spans: Vec<RecordedSpan>,
    metadata: Vec<&'static Metadata<'static>>,
    references: Vec<usize>,
    parents: Vec<Option<usize>>,
    entered: HashMap<ThreadId, Vec<usize>>,
    events: Vec<RecordedEvent>,
    steps: Vec<Step>,
}

/// A recorded span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedSpan {
    pub name: &'static str,
    pub target: String,
    pub level: Level,
    pub fields: Fields,
    /// The name of the parent.
    pub parent: Option<&'static str>,
    /// The names of the spans it follows from.
    pub follows_from: Vec<&'static str>,
    pub is_open: bool,
}

/// A recorded event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    pub target: String,
    pub level: Level,
    pub fields: Fields,
    /// The name of the span it is in.
    pub span: Option<&'static str>,
    pub thread: ThreadId,
}

/// What happened to a span, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Open(&'static str),
    Enter(&'static str),
    Exit(&'static str),
    Close(&'static str),
    /// An event, with its message.
    Event(String),
}

/// Fields in the order they were recorded in, as text. An error's text is its chain: `outer: source`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(&'static str, String)>);

impl Fields {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| *field == name).map(|(_, text)| text.as_str())
    }

    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, text)| (name, text))).finish()
    }
}

impl RecordedSpan {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name)
    }
}

impl RecordedEvent {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name)
    }

    pub fn message(&self) -> &str {
        self.field("message").unwrap_or_default()
    }
}

impl Default for Recording {
    fn default() -> Self {
        Self::new()
    }
}

impl Recording {
    /// Records everything.
    pub fn new() -> Self {
        Self::filtered(|_| true)
    }

    /// Records what the filter lets through.
    pub fn filtered(wants: fn(&Metadata<'_>) -> bool) -> Self {
        Self { state: Arc::default(), wants }
    }

    pub fn dispatch(&self) -> Dispatch {
        Dispatch::new(self.clone())
    }

    /// Sets it as the current thread's subscriber until the guard is dropped.
    #[must_use]
    pub fn set_default(&self) -> DefaultGuard {
        dispatcher::set_default(&self.dispatch())
    }

    /// Sets it as the subscriber while `run` runs.
    pub fn with_default<R>(&self, run: impl FnOnce() -> R) -> R {
        dispatcher::with_default(&self.dispatch(), run)
    }

    pub fn spans(&self) -> Vec<RecordedSpan> {
        self.state().spans.clone()
    }

    /// The one span of that name.
    pub fn span(&self, name: &str) -> RecordedSpan {
        only(self.spans().into_iter().filter(|span| span.name == name), name)
    }

    pub fn events(&self) -> Vec<RecordedEvent> {
        self.state().events.clone()
    }

    /// The one event with that message.
    pub fn event(&self, message: &str) -> RecordedEvent {
        only(self.events().into_iter().filter(|event| event.message() == message), message)
    }

    /// The events that tell an outcome of the task named `task`.
    pub fn outcomes(&self, task: &str) -> Vec<RecordedEvent> {
        let mut events = self.events();
        events.retain(|event| event.field("outcome").is_some() && event.field("task") == Some(task));
        events
    }

    /// The one event that tells the outcome of the task named `task`.
    pub fn outcome(&self, task: &str) -> RecordedEvent {
        only(self.outcomes(task), task)
    }

    pub fn steps(&self) -> Vec<Step> {
        self.state().steps.clone()
    }

    /// Whether one step came before another; both are there once.
    pub fn is_before(&self, first: &Step, second: &Step) -> bool {
        let steps = self.steps();
        let place = |step| only(steps.iter().enumerate().filter(|(_, held)| *held == step), &format!("{step:?}")).0;
        place(first) < place(second)
    }

    /// All that was recorded, as one text: to look for what must not be in it.
    pub fn text(&self) -> String {
        let state = self.state();
        format!("{:?}\n{:?}", state.spans, state.events)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn only<T: fmt::Debug>(found: impl IntoIterator<Item = T>, what: &str) -> T {
    let mut found: Vec<T> = found.into_iter().collect();
    assert_eq!(found.len(), 1, "one of {what}: {found:#?}");
    found.remove(0)
}

impl State {
    fn current(&self) -> Option<usize> {
        self.entered.get(&thread::current().id()).and_then(|stack| stack.last().copied())
    }

    fn name(&self, span: usize) -> &'static str {
        self.spans[span].name
    }

    /// Gives back one reference; the last one closes the span, and with it goes the hold on its parent.
    fn release(&mut self, span: usize) -> bool {
        self.references[span] -= 1;
        if self.references[span] > 0 {
            return false;
        }
        self.spans[span].is_open = false;
        self.steps.push(Step::Close(self.name(span)));
        if let Some(parent) = self.parents[span] {
            self.release(parent);
        }
        true
    }
}

/// Ids begin at 1: tracing has no id 0.
fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64()).expect("an index") - 1
}

fn id(index: usize) -> Id {
    Id::from_u64(index as u64 + 1)
}

impl Subscriber for Recording {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if (self.wants)(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (self.wants)(metadata)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        // Shown before the lock is taken: the values' `Debug` is the test's code.
        let mut fields = Fields::default();
        span.record(&mut fields);
        let mut state = self.state();
        let parent = match span.parent() {
            Some(parent) => Some(index(parent)),
            None if span.is_contextual() => state.current(),
            None => None,
        };
        if let Some(parent) = parent {
            state.references[parent] += 1;
        }
        let metadata = span.metadata();
        let recorded = RecordedSpan {
            name: metadata.name(),
            target: metadata.target().to_owned(),
            level: *metadata.level(),
            fields,
            parent: parent.map(|parent| state.name(parent)),
            follows_from: Vec::new(),
            is_open: true,
        };
        state.steps.push(Step::Open(recorded.name));
        state.spans.push(recorded);
        state.metadata.push(metadata);
        state.references.push(1);
        state.parents.push(parent);
        id(state.spans.len() - 1)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        self.state().spans[index(span)].fields.0.extend(fields.0);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        let mut state = self.state();
        let followed = state.name(index(follows));
        state.spans[index(span)].follows_from.push(followed);
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut state = self.state();
        let span = match event.parent() {
            Some(parent) => Some(index(parent)),
            None if event.is_contextual() => state.current(),
            None => None,
        };
        let metadata = event.metadata();
        let recorded = RecordedEvent {
            target: metadata.target().to_owned(),
            level: *metadata.level(),
            fields,
            span: span.map(|span| state.name(span)),
            thread: thread::current().id(),
        };
        state.steps.push(Step::Event(recorded.message().to_owned()));
        state.events.push(recorded);
    }

    fn enter(&self, span: &Id) {
        let mut state = self.state();
        let name = state.name(index(span));
        state.steps.push(Step::Enter(name));
        state.entered.entry(thread::current().id()).or_default().push(index(span));
    }

    fn exit(&self, span: &Id) {
        let mut state = self.state();
        let name = state.name(index(span));
        state.steps.push(Step::Exit(name));
        let stack = state.entered.entry(thread::current().id()).or_default();
        if let Some(place) = stack.iter().rposition(|entered| *entered == index(span)) {
            stack.remove(place);
        }
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.state().references[index(span)] += 1;
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        self.state().release(index(&span))
    }

    fn current_span(&self) -> Current {
        let state = self.state();
        match state.current() {
            None => Current::none(),
            Some(span) => Current::new(id(span), state.metadata[span]),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut chain = value.to_string();
        let mut source = value.source();
        while let Some(error) = source {
            chain.push_str(": ");
            chain.push_str(&error.to_string());
            source = error.source();
        }
        self.0.push((field.name(), chain));
    }
}
