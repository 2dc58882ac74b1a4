//! A task's place in the trace: its span, and the subscriber it was called under.

use std::mem;

use tracing::field::{Value, display};
use tracing::{Span, span};

use super::callsites::Callsites;
use super::field_value::{FieldValue, field_values};
use super::subscriber::Subscriber;
use crate::context::Snapshot;
use crate::function::{Function, Trace};
use crate::panics::{self, Panic};
use crate::roster::TaskId;

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
        id: TaskId,
        values: impl FnOnce() -> Snapshot,
    ) -> Option<Box<Self>> {
        let is_wanted = callsites.span.is_enabled();
        let subscriber = Subscriber::of_caller(is_wanted)?;
        let open = || panics::catch(|| open(function, callsites, id, &values())).ok();
        let span = is_wanted.then(open).flatten().unwrap_or_else(Span::none);
        // In a box: most tasks of a busy service have neither, and should not carry the room for both.
        (subscriber.is_scoped() || !span.is_disabled()).then(|| Box::new(Self { span, subscriber }))
    }

    /// The span that this is called in, to be in it elsewhere.
    pub(crate) fn of_caller() -> Option<Box<Self>> {
        let span = panics::catch(Span::current).unwrap_or_else(|_| Span::none());
        let subscriber = Subscriber::of_caller(!span.is_disabled())?;
        Some(Box::new(Self { span, subscriber }))
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
}

impl Drop for TaskTrace {
    fn drop(&mut self) {
        let _subscriber = self.subscriber.put_in_place();
        let span = mem::replace(&mut self.span, Span::none());
        // Its subscriber is dropped after it, and if that panics as well, the process ends.
        let _ = panics::catch(|| drop(span));
    }
}

fn open(function: &'static Function, callsites: &'static Callsites, id: TaskId, values: &Snapshot) -> Span {
    let id = display(id);
    let shown = field_values(callsites, values);
    let mut fields: Vec<Option<&dyn Value>> = vec![Some(&id)];
    fields.extend(shown.iter().map(|value| value.as_ref().map(FieldValue::as_value)));
    let site = &callsites.span;
    match function.options.trace {
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
