//! The subscriber that a call was made under. It comes along, for its span must be entered and closed under it.

use std::fmt::{self, Write as _};
use std::ptr;

use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::subscriber::NoSubscriber;

use crate::panics;

/// A subscriber.
pub(super) struct Subscriber {
    dispatch: Dispatch,
    /// Of the global one: where in memory tracing has it, which is one place for all threads. Were it not, it would be
    /// put in place each time: slower, and as right.
    global_at: Option<usize>,
}

impl Subscriber {
    /// The one that the caller had set for its scope (`with_default`, `set_default`). The global one, which the task's
    /// threads mostly have anyway, only if there is a span to enter and close under it.
    pub(super) fn of_caller(has_span: bool) -> Option<Self> {
        dispatcher::get_default(|current| {
            let is_global = is_global(current);
            if is_global && (!has_span || is_nobody(current)) {
                return None;
            }
            Some(Self { dispatch: current.clone(), global_at: is_global.then(|| address(current)) })
        })
    }

    pub(super) fn is_scoped(&self) -> bool {
        self.global_at.is_none()
    }

    /// Puts it in place until the guard is dropped, unless it is the global one and there already. To put any in place
    /// costs all spans and events of the process their fast path.
    pub(super) fn put_in_place(&self) -> Option<DefaultGuard> {
        let is_there =
            self.global_at.is_some_and(|global| dispatcher::get_default(|current| address(current) == global));
        (!is_there).then(|| dispatcher::set_default(&self.dispatch))
    }
}

fn address(subscriber: &Dispatch) -> usize {
    ptr::from_ref(subscriber).addr()
}

/// Whether it is tracing's stand-in for none; one that panics when it is asked is not.
fn is_nobody(subscriber: &Dispatch) -> bool {
    panics::catch(|| subscriber.is::<NoSubscriber>()).unwrap_or(false)
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
