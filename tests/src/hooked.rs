//! A subscriber that records, and on the way does what a test tells it to: panic, or make a call of its own.

use std::sync::Arc;

use tracing::dispatcher::Dispatch;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Metadata};
use tracing_core::span::Current;

use crate::recording::Recording;

/// What a subscriber is told or asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    RegisterCallsite(&'static str),
    Enabled,
    NewSpan,
    FollowsFrom,
    EventEnabled,
    Event,
    Enter,
    Exit,
    CloneSpan,
    TryClose,
    CurrentSpan,
}

/// A recording whose hook runs before anything is recorded. It wants to be asked each time.
pub struct Hooked {
    recording: Recording,
    hook: Arc<dyn Fn(Told) + Send + Sync>,
}

impl Hooked {
    /// A subscriber that records into `recording`.
    pub fn dispatch(recording: &Recording, hook: impl Fn(Told) + Send + Sync + 'static) -> Dispatch {
        Dispatch::new(Self { recording: recording.clone(), hook: Arc::new(hook) })
    }
}

impl Subscriber for Hooked {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        (self.hook)(Told::RegisterCallsite(metadata.name()));
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (self.hook)(Told::Enabled);
        self.recording.enabled(metadata)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        (self.hook)(Told::NewSpan);
        self.recording.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.recording.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        (self.hook)(Told::FollowsFrom);
        self.recording.record_follows_from(span, follows);
    }

    fn event_enabled(&self, _: &Event<'_>) -> bool {
        (self.hook)(Told::EventEnabled);
        true
    }

    fn event(&self, event: &Event<'_>) {
        (self.hook)(Told::Event);
        Subscriber::event(&self.recording, event);
    }

    fn enter(&self, span: &Id) {
        (self.hook)(Told::Enter);
        self.recording.enter(span);
    }

    fn exit(&self, span: &Id) {
        (self.hook)(Told::Exit);
        self.recording.exit(span);
    }

    fn clone_span(&self, span: &Id) -> Id {
        (self.hook)(Told::CloneSpan);
        self.recording.clone_span(span)
    }

    fn try_close(&self, span: Id) -> bool {
        (self.hook)(Told::TryClose);
        self.recording.try_close(span)
    }

    fn current_span(&self) -> Current {
        (self.hook)(Told::CurrentSpan);
        self.recording.current_span()
    }
}
