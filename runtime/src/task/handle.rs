//! `Task<T>`: the handle of a call.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll, ready};

use tokio::task::JoinHandle;

use super::failed::Failed;
use crate::context::{Cause, TaskKey};
use crate::function::Function;
use crate::outcome::{Reason, TaskError};
use crate::roster::TaskId;
use crate::supervisor::Supervisor;

/// The handle of a task, given by every call of a background function.
///
/// It is a future of what the function returned. To drop it is to leave the task alone: the task goes on, and its
/// outcome is reported all the same, once, whether or not somebody awaits it.
///
/// # Cancellation
///
/// To drop the handle while it is awaited, as when a client disconnects, leaves the task running.
/// [`abort_on_drop`](Self::abort_on_drop) makes it otherwise.
///
/// ```
/// use detached::{background, TaskError};
///
/// #[background(timeout = "5s")]
/// async fn rows(page: String) -> Result<u64, std::io::Error> {
///     Ok(page.len() as u64)
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), TaskError> {
/// rows("/pricing".to_owned()); // starts, and is left alone
/// let rows = rows("/".to_owned()).await?; // starts, and is waited for
/// assert_eq!(rows.unwrap(), 1);
/// # Ok(()) }
/// ```
#[doc(alias = "JoinHandle")]
#[doc(alias = "join")]
#[doc(alias = "unwrap")]
pub struct Task<T> {
    function: &'static Function,
    state: State<T>,
    abort_on_drop: bool,
}

enum State<T> {
    Spawned { handle: JoinHandle<Result<T, Failed>>, supervisor: Supervisor, key: TaskKey },
    // In a box, since few calls are: all others would carry the room for it.
    Rejected(Box<(TaskId, Reason)>),
}

impl<T> Task<T> {
    pub(super) fn spawned(
        function: &'static Function,
        handle: JoinHandle<Result<T, Failed>>,
        supervisor: Supervisor,
        key: TaskKey,
    ) -> Self {
        Self { function, state: State::Spawned { handle, supervisor, key }, abort_on_drop: false }
    }

    pub(super) fn rejected(function: &'static Function, id: TaskId, reason: Reason) -> Self {
        Self { function, state: State::Rejected(Box::new((id, reason))), abort_on_drop: false }
    }

    /// The task's number, as lists, spans and events show it.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// println!("started task {}", ping().id());
    /// # }
    /// ```
    #[must_use]
    pub fn id(&self) -> TaskId {
        match &self.state {
            State::Spawned { key, .. } => TaskId::of(*key),
            State::Rejected(rejected) => rejected.0,
        }
    }

    /// The function's name, or what its `name` option says.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// assert_eq!(ping().name(), "ping");
    /// # }
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.function.name
    }

    /// Whether the task has ended; `true` for a call that was rejected.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let task = ping();
    /// assert!(!task.is_finished());
    /// while !task.is_finished() {
    ///     tokio::task::yield_now().await;
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn is_finished(&self) -> bool {
        match &self.state {
            State::Spawned { handle, .. } => handle.is_finished(),
            State::Rejected(_) => true,
        }
    }

    /// Cancels the task: its body hears it through [`Context::cancelled`](crate::Context::cancelled), has its `grace`
    /// to end, and is dropped where it next waits. A body that never started never will.
    ///
    /// A task that ends or stops already is left as it is. Its outcome is [`TaskError::Cancelled`] with the cause,
    /// unless the body ends by itself within its grace.
    ///
    /// ```
    /// use detached::{background, Cause, TaskError};
    ///
    /// #[background(timeout = "none")]
    /// async fn watch() {
    ///     std::future::pending().await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let task = watch();
    /// task.cancel("nobody watches the watchers");
    /// assert_eq!(task.await, Err(TaskError::Cancelled(Cause::from("nobody watches the watchers"))));
    /// # }
    /// ```
    #[doc(alias = "abort")]
    #[doc(alias = "abort_handle")]
    #[doc(alias = "kill")]
    #[doc(alias = "stop")]
    pub fn cancel(&self, cause: impl Into<Cause>) {
        if let State::Spawned { supervisor, key, .. } = &self.state {
            supervisor.cancel_task(*key, cause.into());
        }
    }

    /// Makes the drop of this handle cancel the task, for work that nobody wants once its waiter is gone.
    ///
    /// ```
    /// # use detached::{background, Supervisor};
    /// #[background(timeout = "none")]
    /// async fn watch() {
    ///     std::future::pending().await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = Supervisor::new();
    /// supervisor.scope(async { drop(watch().abort_on_drop()) }).await;
    /// supervisor.idle().await;
    /// assert_eq!(supervisor.counts().cancelled, 1);
    /// # }
    /// ```
    #[must_use = "dropping the task cancels it now"]
    pub fn abort_on_drop(mut self) -> Self {
        self.abort_on_drop = true;
        self
    }
}

/// What other handles have, for who looks for it here: each tells what to write, and can't be called.
#[doc(hidden)]
impl<T> Task<T> {
    pub fn abort(&self)
    where
        Self: Aborted,
    {
    }

    pub fn abort_handle(&self)
    where
        Self: Aborted,
    {
    }

    pub fn join(self) -> Result<T, TaskError>
    where
        Self: Joined,
    {
        self.joined()
    }

    #[must_use]
    pub fn unwrap(self) -> T
    where
        Self: Joined,
    {
        self.joined()
    }

    #[must_use]
    pub fn expect(self, _: &str) -> T
    where
        Self: Joined,
    {
        self.joined()
    }
}

/// No task is.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a task is not aborted, it is cancelled: write `.cancel(\"why\")`",
    label = "write `.cancel(\"why\")`"
)]
pub trait Aborted {}

/// No task is.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the value of a task is not there yet: write `.await`, which gives a `Result` of it",
    label = "write `.await` before this, or in place of it"
)]
pub trait Joined: Sized {
    fn joined<R>(self) -> R;
}

impl<T> Future for Task<T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        match &mut self.state {
            State::Rejected(rejected) => Poll::Ready(Err(TaskError::Rejected(rejected.1.clone()))),
            State::Spawned { handle, supervisor, key } => {
                let joined = ready!(Pin::new(handle).poll(cx));
                // A task catches its panics, so what tokio reports as an error is the runtime's end.
                Poll::Ready(match joined {
                    Ok(ended) => ended.map_err(TaskError::from),
                    Err(_) => Err(supervisor.end_of_dropped(*key)),
                })
            }
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        if self.abort_on_drop {
            self.cancel("its handle was dropped");
        }
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}
