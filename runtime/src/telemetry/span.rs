//! A task's place in the trace: its span, and the subscriber it was called under.

use std::fmt::{self, Write as _};

use tracing::dispatcher::{self, Dispatch};
use tracing::field::{Value, display};
use tracing::{Span, span};

use super::callsites::Callsites;
use super::field_value::{FieldValue, field_values};
use crate::context::Snapshot;
use crate::function::{Function, Trace};
use crate::roster::TaskId;

/// A task's span and, if the caller had set one for its scope, the caller's subscriber.
pub(crate) struct TaskTrace {
    span: Span,
    subscriber: Option<Dispatch>,
}

impl TaskTrace {
    /// Opens the task's span; `None` when nobody wants it and the task needs nobody's subscriber.
    pub(crate) fn open(
        function: &'static Function,
        callsites: &'static Callsites,
        id: TaskId,
        values: impl FnOnce() -> Snapshot,
    ) -> Option<Box<Self>> {
        let span = if callsites.span.is_enabled() { open(function, callsites, id, &values()) } else { Span::none() };
        let subscriber = scoped_subscriber();
        let is_bare = span.is_disabled() && subscriber.is_none();
        // In a box: most tasks of a busy service have neither, and should not carry the room for both.
        (!is_bare).then(|| Box::new(Self { span, subscriber }))
    }

    /// Runs in the span, under the subscriber.
    pub(crate) fn run<R>(&self, run: impl FnOnce() -> R) -> R {
        let _subscriber = self.subscriber.as_ref().map(dispatcher::set_default);
        self.span.in_scope(run)
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
            if let Some(caller) = current_span() {
                span.follows_from(caller);
            }
            span
        }
    }
}

/// The subscriber that the caller set for its scope (`with_default`, `set_default`); `None` when it is the global one,
/// which the task's threads have anyway. To put one in place on every poll costs all spans and events of the process
/// their fast path, so it is done only where it is needed.
fn scoped_subscriber() -> Option<Dispatch> {
    dispatcher::get_default(|current| (!is_global(current)).then(|| current.clone()))
}

/// tracing has no question for it but `Debug`, which begins with the kind. Should that text ever change, every
/// subscriber counts as scoped: slower, and as right.
fn is_global(subscriber: &Dispatch) -> bool {
    /// Takes in the first piece of text and stops the rest.
    struct First(bool);
    impl fmt::Write for First {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 = text.starts_with("Dispatch::Global");
            Err(fmt::Error)
        }
    }
    let mut first = First(false);
    let _ = write!(first, "{subscriber:?}");
    first.0
}

/// The id of the span the caller is in, if the subscriber knows one.
fn current_span() -> Option<span::Id> {
    Span::current().id()
}

#[cfg(test)]
mod tests {
    use tracing::dispatcher::Dispatch;
    use tracing::subscriber::NoSubscriber;

    use super::is_global;

    /// Fails when tracing words it otherwise: then every task carries its subscriber, which is right but slow.
    #[test]
    fn tracing_tells_a_global_subscriber_from_a_scoped_one() {
        assert!(is_global(&Dispatch::none()), "{:?}", Dispatch::none());
        assert!(!is_global(&Dispatch::new(NoSubscriber::default())));
    }
}
