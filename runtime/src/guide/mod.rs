//! Longer answers than an item's documentation has room for.
//!
//! - [`context`]: what a task knows of its request, compared with Go's remedies for the same problem
//! - [`telemetry`]: the span, the event and the metrics of a task, and how to read them

pub mod context;
pub mod telemetry;
