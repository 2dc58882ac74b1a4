//! What a subscriber, a logger, a meter or a tracer is told of a task: its callsites, its span, its one event.
//!
//! Uses the roster's and the outcome's rooms and what observers are. It knows no body and no call, and keeps what it knows
//! of a function in the slot that the function has for it.

mod callsites;
mod error_field;
mod event;
mod field_value;
mod log_line;
#[cfg(feature = "metrics")]
mod metrics;
mod observer_panic;
#[cfg(feature = "opentelemetry")]
pub mod otel;
#[cfg(feature = "opentelemetry")]
mod otel_status;
mod site;
mod span;
#[cfg(feature = "durable")]
mod stored_call;
mod subscriber;

pub(crate) use callsites::Callsites;
pub(crate) use event::{completions_may_be_heard, emit, is_heard, may_be_heard};
pub(crate) use log_line::log;
#[cfg(feature = "metrics")]
pub use metrics::Metrics;
pub(crate) use observer_panic::observer_panicked;
pub(crate) use site::{Within, is_logging};
pub(crate) use span::TaskTrace;
#[cfg(feature = "durable")]
pub(crate) use stored_call::StoredCall;
