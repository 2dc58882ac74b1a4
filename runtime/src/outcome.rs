//! How a task ended: the closed set of outcomes, and what each of them can say.

use std::error::Error;
use std::fmt;

use crate::cancellation::Cause;
use crate::value::{Contained, ValueError};

/// How a task ended. Every call ends in exactly one of these.
///
/// An [`Observer`](crate::Observer) is handed one for every call.
///
/// ```
/// use detached::{Observer, Outcome, TaskInfo};
///
/// struct CountFailures(std::sync::atomic::AtomicU64);
///
/// impl Observer for CountFailures {
///     fn on_end(&self, _: &TaskInfo, outcome: &Outcome<'_>) {
///         if let Outcome::Failed(_) | Outcome::Panicked(_) | Outcome::TimedOut = outcome {
///             self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub enum Outcome<'a> {
    /// The body returned, and what it returned is no error.
    Completed,
    /// The body returned an error.
    Failed(Failure<'a>),
    /// The body did not end within its timeout.
    TimedOut,
    /// The body, or the drop of what it held, panicked.
    Panicked(&'a Panic),
    /// The task was cancelled before the body ended.
    Cancelled(&'a Cause),
    /// The body was never started.
    Rejected(&'a Reason),
}

impl Outcome<'_> {
    /// The outcome's name, as events and metrics carry it: `completed`, `failed`, `timed_out`, `panicked`,
    /// `cancelled` or `rejected`.
    ///
    /// ```
    /// assert_eq!(detached::Outcome::TimedOut.name(), "timed_out");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.kind().name()
    }

    /// Which of the six it is, without what it says.
    ///
    /// ```
    /// use detached::{Outcome, OutcomeKind};
    /// assert_eq!(Outcome::TimedOut.kind(), OutcomeKind::TimedOut);
    /// ```
    #[must_use]
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Completed => OutcomeKind::Completed,
            Self::Failed(_) => OutcomeKind::Failed,
            Self::TimedOut => OutcomeKind::TimedOut,
            Self::Panicked(_) => OutcomeKind::Panicked,
            Self::Cancelled(_) => OutcomeKind::Cancelled,
            Self::Rejected(_) => OutcomeKind::Rejected,
        }
    }
}

/// Which of the six outcomes, without what it says: to count by, and to list by.
///
/// ```
/// use detached::OutcomeKind;
/// assert_eq!(OutcomeKind::ALL.len(), 6);
/// assert_eq!(OutcomeKind::TimedOut.name(), "timed_out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeKind {
    /// [`Outcome::Completed`].
    Completed,
    /// [`Outcome::Failed`].
    Failed,
    /// [`Outcome::TimedOut`].
    TimedOut,
    /// [`Outcome::Panicked`].
    Panicked,
    /// [`Outcome::Cancelled`].
    Cancelled,
    /// [`Outcome::Rejected`].
    Rejected,
}

impl OutcomeKind {
    /// All six, in the order in which tables list them.
    pub const ALL: [Self; 6] =
        [Self::Completed, Self::Failed, Self::TimedOut, Self::Panicked, Self::Cancelled, Self::Rejected];

    /// The name, as events and metrics carry it.
    ///
    /// ```
    /// assert_eq!(detached::OutcomeKind::Completed.name(), "completed");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
        }
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error a body returned, in the best form its type allows.
///
/// The form is picked at compile time: an [`Error`] with its source chain, what derefs to one (`anyhow`, `eyre`,
/// `Box<dyn Error>`), `Display`, `Debug`, or the type's name. `Display` shows the error in that form.
///
/// ```
/// use detached::{Observer, Outcome, TaskInfo};
///
/// struct ToSentry;
///
/// impl Observer for ToSentry {
///     fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
///         if let Outcome::Failed(failure) = outcome {
///             match failure.as_error() {
///                 Some(error) => println!("capture {error} with its sources, from {}", task.name()),
///                 None => println!("capture the text {failure}, from {}", task.name()),
///             }
///         }
///     }
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Failure<'a>(Form<'a>);

#[derive(Clone, Copy)]
enum Form<'a> {
    Error(&'a (dyn Error + 'static)),
    Display(&'a dyn fmt::Display),
    Debug(&'a dyn fmt::Debug),
    TypeName(&'static str),
}

impl<'a> Failure<'a> {
    pub(crate) fn of_error(error: &'a (dyn Error + 'static)) -> Self {
        Self(Form::Error(error))
    }

    pub(crate) fn of_display(error: &'a dyn fmt::Display) -> Self {
        Self(Form::Display(error))
    }

    pub(crate) fn of_debug(error: &'a dyn fmt::Debug) -> Self {
        Self(Form::Debug(error))
    }

    pub(crate) fn of_type(name: &'static str) -> Self {
        Self(Form::TypeName(name))
    }

    /// The error itself, where its type is an [`Error`] or derefs to one.
    ///
    /// ```
    /// # use detached::Failure;
    /// fn code(failure: &Failure<'_>) -> Option<i32> {
    ///     failure.as_error()?.downcast_ref::<std::io::Error>()?.raw_os_error()
    /// }
    /// ```
    #[must_use]
    pub fn as_error(&self) -> Option<&'a (dyn Error + 'static)> {
        match self.0 {
            Form::Error(error) => Some(error),
            _ => None,
        }
    }

    /// The error with its sources on one line: `could not save: disk full`.
    ///
    /// ```
    /// # use detached::Failure;
    /// fn line(failure: &Failure<'_>) -> String {
    ///     failure.chain()
    /// }
    /// ```
    #[must_use]
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut source = self.as_error().and_then(|error| contained_source(error));
        while let Some(error) = source {
            line.push_str(": ");
            line.push_str(&Self::of_error(error).to_string());
            source = contained_source(error);
        }
        line
    }

    /// Whether showing the error, with its sources, panics: then a subscriber must not be handed it.
    pub(crate) fn panics_when_shown(&self) -> bool {
        use std::panic::{AssertUnwindSafe, catch_unwind};
        let Some(error) = self.as_error() else { return false };
        catch_unwind(AssertUnwindSafe(|| {
            let mut next = Some(error);
            while let Some(error) = next {
                drop(format!("{error}"));
                next = error.source();
            }
        }))
        .is_err()
    }
}

fn contained_source<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    catch_unwind(AssertUnwindSafe(|| error.source())).unwrap_or_default()
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Contained(|f: &mut fmt::Formatter<'_>| match self.0 {
            Form::Error(error) => fmt::Display::fmt(error, f),
            Form::Display(error) => error.fmt(f),
            Form::Debug(error) => error.fmt(f),
            Form::TypeName(name) => f.write_str(name),
        });
        fmt::Display::fmt(&shown, f)
    }
}

impl fmt::Debug for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({self})")
    }
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

/// Why a call was rejected: its body was never started.
///
/// ```
/// use detached::{background, Reason, TaskError};
///
/// #[background(timeout = "5s", inherit = ["user_id"])]
/// async fn audit() {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// // No context is in place here, so there is no user id to inherit.
/// let error = audit().await.unwrap_err();
/// assert_eq!(error, TaskError::Rejected(Reason::MissingValue { name: "user_id" }));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A value that the function requires is not in the origin.
    MissingValue {
        /// The value's name, or the carrier's.
        name: &'static str,
    },
    /// A value that the function requires is in the origin, and of another type.
    WrongType(
        /// Names both types.
        ValueError,
    ),
    /// The call was made outside a tokio runtime, and the supervisor was given no runtime handle.
    NoRuntime,
    /// The function needs a timer, and the tokio runtime was built without `enable_time`.
    NoTimeDriver,
    /// The `timeout` expression gave zero.
    ZeroTimeout,
    /// The supervisor drains, or has drained.
    Draining,
    /// The supervisor's `max_tasks` is reached.
    SupervisorFull,
    /// The function's `limit` is reached, and it does not wait.
    LimitReached,
    /// The function's `limit` is reached, and so many wait already that its `queue` is full.
    QueueFull,
    /// The task waited as long as `start_timeout` allows.
    StartTimedOut,
    /// A newer call took the place in the queue (`overflow = "drop_oldest"`).
    Displaced,
    /// A carrier panicked while it captured its value.
    CarrierPanicked,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::MissingValue { name } => {
                return write!(f, "the value `{name}` is required and the caller's context has none");
            }
            Self::WrongType(error) => return error.fmt(f),
            Self::NoRuntime => {
                "called outside a tokio runtime; call it inside one, or give the supervisor a runtime handle"
            }
            Self::NoTimeDriver => "the tokio runtime has no timers; build it with `enable_time` or `enable_all`",
            Self::ZeroTimeout => "the timeout is zero",
            Self::Draining => "the supervisor is draining",
            Self::SupervisorFull => "the supervisor's `max_tasks` is reached",
            Self::LimitReached => "the function's `limit` is reached",
            Self::QueueFull => "the function's `queue` is full",
            Self::StartTimedOut => "it waited for its `start_timeout` and could not start",
            Self::Displaced => "a newer call took its place in the queue",
            Self::CarrierPanicked => "a carrier panicked while it captured its value",
        };
        f.write_str(text)
    }
}
