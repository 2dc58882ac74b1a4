//! The way of a trace through a store: W3C's `traceparent` and `tracestate` of the call's span.
//!
//! Only OpenTelemetry knows them, so they are stored where the feature `opentelemetry` is on and the caller is in a span
//! of it.

use super::envelope::Envelope;

#[cfg(feature = "opentelemetry")]
mod known {
    use std::str::FromStr as _;

    use opentelemetry::Context;
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};

    use super::Envelope;

    /// Notes the span that the call is made in.
    pub(in crate::durable) fn note(envelope: &mut Envelope) {
        let caller = Context::map_current(|current| current.span().span_context().clone());
        if caller.is_valid() {
            let (trace, span, flags) = (caller.trace_id(), caller.span_id(), caller.trace_flags());
            envelope.traceparent = Some(format!("00-{trace}-{span}-{flags:02x}"));
            envelope.tracestate = Some(caller.trace_state().header()).filter(|state| !state.is_empty());
        }
    }

    /// The span that the call was made in.
    #[derive(Clone)]
    pub(in crate::durable) struct CallersSpan(SpanContext);

    impl CallersSpan {
        pub(in crate::durable) fn of(envelope: &Envelope) -> Option<Self> {
            // A later version may have more after the flags.
            let mut parts = envelope.traceparent.as_deref()?.splitn(5, '-').skip(1);
            let mut digits = |count| parts.next().filter(|part| part.len() == count);
            let trace = TraceId::from_hex(digits(32)?).ok()?;
            let span = SpanId::from_hex(digits(16)?).ok()?;
            let flags = TraceFlags::new(u8::from_str_radix(digits(2)?, 16).ok()?);
            let state = envelope.tracestate.as_deref().and_then(|state| TraceState::from_str(state).ok());
            let caller = SpanContext::new(trace, span, flags, true, state.unwrap_or_default());
            caller.is_valid().then_some(Self(caller))
        }

        /// A span that is opened in there, and has no other parent, is a child of it.
        pub(in crate::durable) fn as_parent<R>(&self, open: impl FnOnce() -> R) -> R {
            let _attached = Context::new().with_remote_span_context(self.0.clone()).attach();
            open()
        }

        /// Links the current span to it.
        pub(in crate::durable) fn link(&self) {
            Context::map_current(|current| current.span().add_link(self.0.clone(), Vec::new()));
        }
    }
}

#[cfg(not(feature = "opentelemetry"))]
mod known {
    use super::Envelope;

    pub(in crate::durable) fn note(_: &mut Envelope) {}

    /// Nobody knows a span to make one of.
    #[derive(Clone)]
    pub(in crate::durable) enum CallersSpan {}

    impl CallersSpan {
        pub(in crate::durable) fn of(_: &Envelope) -> Option<Self> {
            None
        }

        pub(in crate::durable) fn as_parent<R>(&self, _: impl FnOnce() -> R) -> R {
            match *self {}
        }

        pub(in crate::durable) fn link(&self) {
            match *self {}
        }
    }
}

pub(super) use known::{CallersSpan, note};
