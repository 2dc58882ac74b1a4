//! A task's place in the trace: its span, and the subscriber it was called under.

use std::mem;

use tracing::field::{Value, display};
use tracing::{Span, span};

use super::callsites::Callsites;
use super::field_value::{field_values, fields};
use super::site::{Site, Within};
use super::subscriber::Subscriber;
use crate::context::Snapshot;
use crate::function::{Function, Trace};
use crate::outcome::Outcome;
use crate::panics::{self, Panic};
use crate::roster::{TaskId, TaskInfo};
use crate::supervisor::Spans;

/// A task's span and the caller's subscriber, under which it is opened, entered, left and closed: a span's parent is given
/// back to whichever subscriber is in place when it closes.
///
/// Whatever that subscriber does, the task runs: a panic of its own ends where it was told something.
pub(crate) struct TaskTrace {
    span: Span,
    subscriber: Subscriber,
}

impl TaskTrace {
    /// Opens the task's span; `None` when nobody wants it and the task needs nobody's subscriber.
    pub(crate) fn open(
        function: &'static Function,
        callsites: &'static Callsites,
        spans: Spans,
        id: TaskId,
        values: impl FnOnce() -> Snapshot,
    ) -> Option<Self> {
        let site = callsites.span(spans.level);
        let is_wanted = site.is_enabled();
        let subscriber = Subscriber::of_caller(is_wanted)?;
        let open = || panics::catch(|| open(site, spans.trace_of(function), callsites, id, &values())).ok();
        let span = is_wanted.then(open).flatten().unwrap_or_else(Span::none);
        (subscriber.is_scoped() || !span.is_disabled()).then(|| Self { span, subscriber })
    }

    /// The span that this is called in, to be in it elsewhere.
    pub(crate) fn of_caller() -> Option<Self> {
        let span = panics::catch(Span::current).unwrap_or_else(|_| Span::none());
        let subscriber = Subscriber::of_caller(!span.is_disabled())?;
        Some(Self { span, subscriber })
    }

    /// Runs user code in the span, under the subscriber, and catches its panics.
    pub(crate) fn run<R>(&self, run: impl FnOnce() -> R) -> Result<R, Panic> {
        self.around(|| panics::catch(run))
    }

    /// Runs what lets no panic out in the span, under the subscriber.
    pub(crate) fn around<R>(&self, run: impl FnOnce() -> R) -> R {
        let _subscriber = self.subscriber.put_in_place();
        let entered = panics::catch(|| self.span.enter());
        let result = run();
        let _ = panics::catch(|| drop(entered));
        result
    }

    /// Where an event is told that is to be in the task's span, if it has one, and in no other.
    pub(crate) fn within(&self) -> Within {
        Within::Span(self.span.id())
    }

    /// Closes the span, with the task's outcome. `task` describes one that did not complete, where that is asked for.
    pub(crate) fn end(self, task: impl FnOnce() -> Option<TaskInfo>, outcome: &Outcome<'_>) {
        let _subscriber = self.subscriber.put_in_place();
        let _ = panics::catch(|| self.span.record("outcome", outcome.name()));
        #[cfg(feature = "opentelemetry")]
        let _ = panics::catch(|| task().map(|task| super::otel_status::describe(&self.span, &task, outcome)));
        #[cfg(not(feature = "opentelemetry"))]
        let _ = task;
        drop(self);
    }
}

impl Drop for TaskTrace {
    fn drop(&mut self) {
        let _subscriber = self.subscriber.put_in_place();
        let span = mem::replace(&mut self.span, Span::none());
        // Its subscriber is dropped after it, and if that panics as well, the process ends.
        let _ = panics::catch(|| drop(span));
    }
}

fn open(site: &Site, trace: Trace, callsites: &Callsites, id: TaskId, values: &Snapshot) -> Span {
    let id = display(id);
    let shown = field_values(callsites, values);
    // In the order of `SPAN_FIELDS`: the outcome is not known yet.
    let fields = fields(&[Some(&id as &dyn Value), None], &shown);
    match trace {
        Trace::Child => site.open(false, &fields),
        Trace::None => site.open(true, &fields),
        Trace::Link => {
            let span = site.open(true, &fields);
            // The span is there, whatever the subscriber does at the news of the other.
            let _ = panics::catch(|| current_span().map(|caller| span.follows_from(caller)));
            span
        }
    }
}

/// The id of the span the caller is in, if the subscriber knows one.
fn current_span() -> Option<span::Id> {
    Span::current().id()
}
