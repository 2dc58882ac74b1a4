//! `Origin`: the read-only view that a task has of the context its call was made in.

use std::fmt;
use std::sync::Arc;

use super::cancellation::Cancellation;
use super::cause::Cause;

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
