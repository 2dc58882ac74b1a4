//! Carriers for OpenTelemetry: the caller's span context and its baggage.
//!
//! A program whose spans reach OpenTelemetry through `tracing-opentelemetry` needs neither for its traces: a task's
//! span is a span of `tracing`, and goes the same way. [The guide](crate::guide::opentelemetry) has what is exported, and what
//! sampling makes of it.
//!
//! These carriers are for what OpenTelemetry keeps beside its spans, and for callers that use its API directly:
//!
//! ```
//! use detached::{background, otel};
//! use opentelemetry::{Context, KeyValue, baggage::BaggageExt as _};
//!
//! #[background(timeout = "5s", inherit = [otel::BAGGAGE])]
//! async fn notify() -> Option<String> {
//!     Context::current().baggage().get("tenant").map(ToString::to_string)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let task = {
//!     let _request = Context::current_with_baggage([KeyValue::new("tenant", "acme")]).attach();
//!     notify()
//! };
//! assert_eq!(task.await.unwrap().as_deref(), Some("acme"));
//! # }
//! ```

use opentelemetry::Context;
use opentelemetry::baggage::{BaggageExt as _, KeyValueMetadata};
use opentelemetry::trace::{SpanContext as CallersSpan, TraceContextExt as _};

use crate::context::{Capture, Inherit, ValueError};

/// Carries the caller's baggage. A caller without baggage is no reason to reject the call: the task has none then.
///
/// ```
/// # use detached::{background, otel};
/// #[background(timeout = "5s", inherit = [otel::BAGGAGE])]
/// async fn notify() {}
/// ```
pub static BAGGAGE: Baggage = Baggage(());

/// Carries the context of the caller's span: its trace id, its span id and its flags, not the span, which ends without
/// regard to the task. A caller without a span is no reason to reject the call.
///
/// For callers whose span was made with OpenTelemetry's API and is none of `tracing`'s. If the task has an exported
/// span of its own, that gets a link to the caller's, unless it is in the same trace. If it has none, the
/// spans that the body makes with OpenTelemetry's API have the caller's for their parent.
///
/// ```
/// # use detached::{background, otel};
/// #[background(timeout = "5s", inherit = [otel::SPAN_CONTEXT, otel::BAGGAGE])]
/// async fn notify() {}
/// ```
pub static SPAN_CONTEXT: SpanContext = SpanContext(());

/// The type of [`BAGGAGE`].
///
/// ```
/// let carrier: &'static detached::otel::Baggage = &detached::otel::BAGGAGE;
/// ```
#[derive(Debug)]
pub struct Baggage(());

/// The type of [`SPAN_CONTEXT`].
///
/// ```
/// let carrier: &'static detached::otel::SpanContext = &detached::otel::SPAN_CONTEXT;
/// ```
#[derive(Debug)]
pub struct SpanContext(());

impl Inherit for Baggage {
    type Captured = Vec<KeyValueMetadata>;

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<Self::Captured>, ValueError> {
        Ok(Some(Context::map_current(|caller| {
            let entries = caller.baggage().iter();
            entries
                .map(|(key, (value, data))| KeyValueMetadata::new(key.clone(), value.clone(), data.clone()))
                .collect()
        })))
    }

    /// On top of what is current there: that holds the task's own span.
    fn enter<R>(&'static self, baggage: &Self::Captured, run: impl FnOnce() -> R) -> R {
        let _attached = (!baggage.is_empty()).then(|| Context::current_with_baggage(baggage.iter().cloned()).attach());
        run()
    }
}

impl Inherit for SpanContext {
    /// With whether the task's span has a link to the caller's: it follows one of `tracing` already.
    type Captured = (CallersSpan, bool);

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<Self::Captured>, ValueError> {
        let span = Context::map_current(|caller| caller.span().span_context().clone());
        Ok(Some((span, tracing::Span::current().id().is_some())))
    }

    fn enter<R>(&'static self, (caller, _): &Self::Captured, run: impl FnOnce() -> R) -> R {
        let current = Context::current();
        let is_wanted = caller.is_valid() && !current.has_active_span();
        let _attached = is_wanted.then(|| current.with_remote_span_context(caller.clone()).attach());
        run()
    }

    fn around<R>(&'static self, captured: &mut Self::Captured, run: impl FnOnce() -> R) -> R {
        let (caller, is_linked) = captured;
        if caller.is_valid() && !*is_linked {
            Context::map_current(|current| {
                let span = current.span();
                if current.has_active_span() && span.span_context().trace_id() != caller.trace_id() {
                    span.add_link(caller.clone(), Vec::new());
                }
                *is_linked = current.has_active_span();
            });
        }
        self.enter(captured, run)
    }
}
