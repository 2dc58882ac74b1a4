//! Cancellation with a cause and a deadline, and the read-only view of it that a task has of its origin.

use std::borrow::Cow;
use std::fmt;
use std::iter::successors;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// Why a context or a task was cancelled.
///
/// ```
/// use detached::{Cause, Context};
///
/// let context = Context::new();
/// assert_eq!(context.cause(), None);
/// context.cancel(Cause::Disconnected);
/// context.cancel("too late: the first cause stays");
/// assert_eq!(context.cause(), Some(Cause::Disconnected));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The request was answered; its context is over.
    Completed,
    /// The client went away before the answer was complete.
    Disconnected,
    /// The deadline passed.
    TimedOut,
    /// The supervisor drains, or the tokio runtime shuts down.
    Shutdown,
    /// The program said so, in its own words.
    Explicit(Cow<'static, str>),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Completed => "completed",
            Self::Disconnected => "disconnected",
            Self::TimedOut => "timed out",
            Self::Shutdown => "shutdown",
            Self::Explicit(text) => text,
        })
    }
}

impl From<&'static str> for Cause {
    fn from(text: &'static str) -> Self {
        Self::Explicit(Cow::Borrowed(text))
    }
}

impl From<String> for Cause {
    fn from(text: String) -> Self {
        Self::Explicit(Cow::Owned(text))
    }
}

/// One node of a tree of cancellations. It holds no values, so whoever keeps it keeps no request alive.
pub(crate) struct Cancellation {
    token: CancellationToken,
    /// Why, and since when. Set once, before the token is cancelled, so that whoever the token wakes finds the cause.
    cancelled: OnceLock<(Cause, Instant)>,
    /// Never later than the parent's.
    deadline: Option<Instant>,
    parent: Option<Arc<Cancellation>>,
}

impl Cancellation {
    /// A tree's root: nothing above can cancel it.
    pub(crate) fn root(deadline: Option<Instant>) -> Arc<Self> {
        Arc::new(Self { token: CancellationToken::new(), cancelled: OnceLock::new(), deadline, parent: None })
    }

    pub(crate) fn child(self: &Arc<Self>, deadline: Option<Instant>) -> Arc<Self> {
        Arc::new(Self {
            token: self.token.child_token(),
            cancelled: OnceLock::new(),
            deadline: earliest(self.deadline, deadline),
            parent: Some(Arc::clone(self)),
        })
    }

    pub(crate) fn cancel(&self, cause: Cause) {
        if self.first().is_none() {
            // Of two racing callers one sets the cause; both then find it set.
            let _ = self.cancelled.set((cause, Instant::now()));
        }
        self.token.cancel();
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.first().map(|(cause, _)| cause.clone())
    }

    /// What cancelled this node: the cause that came first, of this node's, of those above it, and of the deadline.
    ///
    /// Once found it is written down here, so that no cause that is still being set elsewhere can replace it.
    fn first(&self) -> Option<&(Cause, Instant)> {
        if let Some(own) = self.cancelled.get() {
            return Some(own);
        }
        let above = successors(self.parent.as_deref(), |node| node.parent.as_deref());
        // The nearest is the first: no node sets a cause when one above it has.
        let above = above.into_iter().find_map(|node| node.cancelled.get()).cloned();
        let passed = self.deadline.filter(|deadline| *deadline <= Instant::now());
        let timed_out = passed.map(|deadline| (Cause::TimedOut, deadline));
        let found = above.into_iter().chain(timed_out).min_by_key(|(_, at)| *at)?;
        Some(self.cancelled.get_or_init(|| found))
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        // The token alone answers in the common case; only a deadline needs the clock.
        self.token.is_cancelled() || self.deadline.is_some_and(|deadline| deadline <= Instant::now())
    }

    pub(crate) async fn cancelled(&self) {
        match self.deadline {
            None => self.token.cancelled().await,
            // Either way it is over: the deadline is a cancellation too.
            Some(deadline) => drop(timeout_at(deadline, self.token.cancelled()).await),
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

/// One after the other: a drop that went from parent to parent by itself would overflow the stack of a long line.
impl Drop for Cancellation {
    fn drop(&mut self) {
        let mut parent = self.parent.take();
        while let Some(mut last) = parent.and_then(Arc::into_inner) {
            parent = last.parent.take();
        }
    }
}

pub(crate) fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// The instant `bound` from now; `None` when the clock cannot express it, which is as good as no deadline.
pub(crate) fn from_now(bound: Duration) -> Option<Instant> {
    Instant::now().checked_add(bound)
}

/// A task's read-only view of the context it was called in.
///
/// It answers whether the origin, usually a request, is still wanted. It never holds values, so a task that keeps it
/// keeps no request alive, and it can cancel nothing.
///
/// ```
/// use detached::{Cause, Context, background};
///
/// #[background(timeout = "5s")]
/// async fn warm_cache() -> Option<Cause> {
///     let origin = Context::current().origin()?;
///     origin.cancelled().await; // this task goes on; it only takes note
///     origin.cause()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let request = Context::new();
/// let task = request.scope(async { warm_cache() }).await;
/// request.cancel(Cause::Disconnected);
/// assert_eq!(task.await.unwrap(), Some(Cause::Disconnected));
/// # }
/// ```
#[derive(Clone)]
pub struct Origin {
    cancellation: Arc<Cancellation>,
}

impl Origin {
    pub(crate) fn new(cancellation: Arc<Cancellation>) -> Self {
        Self { cancellation }
    }

    /// Whether the origin was cancelled or its deadline has passed.
    ///
    /// ```
    /// # use detached::{Context, Cause};
    /// # let context = Context::new();
    /// let origin = context.as_origin();
    /// assert!(!origin.is_cancelled());
    /// context.cancel(Cause::Completed);
    /// assert!(origin.is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Waits until the origin is cancelled or its deadline passes.
    ///
    /// # Cancellation
    ///
    /// Safe to drop and to call again.
    ///
    /// # Panics
    ///
    /// When the origin has a deadline and the tokio runtime has no time driver.
    ///
    /// ```
    /// # use detached::{Context, Cause};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let context = Context::new();
    /// let origin = context.as_origin();
    /// context.cancel(Cause::Completed);
    /// origin.cancelled().await;
    /// # }
    /// ```
    pub async fn cancelled(&self) {
        self.cancellation.cancelled().await;
    }

    /// Why the origin was cancelled; `None` while it is not.
    ///
    /// ```
    /// # use detached::{Context, Cause};
    /// # let context = Context::new();
    /// let origin = context.as_origin();
    /// context.cancel("the form was withdrawn");
    /// assert_eq!(origin.cause(), Some(Cause::from("the form was withdrawn")));
    /// ```
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.cancellation.cause()
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin").field("cause", &self.cause()).finish()
    }
}
