//! Panics at the task's boundary: caught, and with their place.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether the panic that is caught here is a mere question, not to be shown.
    static SILENT: Cell<bool> = const { Cell::new(false) };
    /// The place of the thread's last panic.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Extends the process's panic hook, once: it notes the place of a thread's last panic, which `catch_unwind` does not
/// tell. The hook that was set before still runs.
pub(crate) fn extend_hook() {
    static ONCE: Once = Once::new();
    // A hook cannot be set by a thread that panics; a later supervisor will.
    if ONCE.is_completed() || std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            if SILENT.try_with(Cell::get).unwrap_or(false) {
                return;
            }
            let place = info.location().map(ToString::to_string);
            // A thread that is being torn down notes nothing.
            let _ = PLACE.try_with(|cell| cell.replace(place));
            previous(info);
        }));
    });
}

/// Runs user code up to the task's boundary.
#[inline]
pub(crate) fn catch<R>(run: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|payload| Panic::new(message(payload), PLACE.try_with(RefCell::take).unwrap_or_default()))
}

/// Runs a question whose answer may be a panic, which is not shown.
pub(crate) fn silently<R>(ask: impl FnOnce() -> R) -> R {
    SILENT.set(true);
    let answer = ask();
    SILENT.set(false);
    answer
}

fn message(payload: Box<dyn Any + Send>) -> String {
    let text = match payload.downcast_ref::<&'static str>() {
        Some(text) => Some((*text).to_owned()),
        None => payload.downcast_ref::<String>().cloned(),
    };
    // A payload is a value of the user's: its drop may panic too, and then so may that panic's. Such a thing is leaked.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    text.unwrap_or_else(|| "a payload that is no text".to_owned())
}

/// A panic that was caught at the task's boundary: what it said, and where.
///
/// ```
/// # use detached::{Observer, Outcome, TaskInfo};
/// # struct Pager;
/// # impl Observer for Pager {
/// fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
///     if let Outcome::Panicked(panic) = outcome {
///         println!("{} panicked: {} at {:?}", task.name(), panic.message(), panic.location());
///     }
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    message: String,
    location: Option<String>,
}

impl Panic {
    pub(crate) fn new(message: String, location: Option<String>) -> Self {
        Self { message, location }
    }

    /// What the panic said; a note of the payload's kind where that is no text.
    ///
    /// ```
    /// # use detached::Panic;
    /// fn title(panic: &Panic) -> &str { panic.message() }
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The panic's place, as `file:line:column`. `None` when the program has replaced the panic hook since.
    ///
    /// ```
    /// # use detached::Panic;
    /// fn place(panic: &Panic) -> &str { panic.location().unwrap_or("unknown") }
    /// ```
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) => write!(f, "{} at {location}", self.message),
            None => f.write_str(&self.message),
        }
    }
}
