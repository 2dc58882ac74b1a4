//! The status of the span that OpenTelemetry makes of a task's, where that says why the task failed.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, Status, TraceContextExt as _};
use tracing::Span;

use crate::function::Level;
use crate::outcome::Outcome;
use crate::roster::{Ending, TaskInfo};

/// Says in the status of the span what went wrong with the task, if its event is an error: of that alone
/// `tracing-opentelemetry` makes an error without a word.
pub(super) fn describe(span: &Span, task: &TaskInfo, outcome: &Outcome<'_>) {
    if Ending::of(task, outcome).level() == Level::Error {
        let outer = active();
        let _entered = span.enter();
        // Where the span is none of OpenTelemetry's, that of somebody else is active: not to be marked.
        if active() != outer {
            Context::map_current(|current| current.span().set_status(Status::error(told(task, outcome))));
        }
    }
}

fn active() -> SpanContext {
    Context::map_current(|current| current.span().span_context().clone())
}

fn told(task: &TaskInfo, outcome: &Outcome<'_>) -> String {
    match (outcome.said(task.missed), task.timeout) {
        (Some((_, text)), _) => text,
        (None, Some(bound)) => format!("timed out after {bound:?}"),
        (None, None) => outcome.name().to_owned(),
    }
}
