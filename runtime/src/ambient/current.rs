//! What is asked of the context in place.

use super::state;
use crate::context::{Context, Key, ValueError};
use crate::supervisor::Supervisor;
use crate::waiting::Waiting;

impl Context {
    /// An empty context that nothing cancels and that has no deadline, like Go's `context.Background()`.
    ///
    /// It knows the supervisor in whose [`scope`](Supervisor::scope) it is made, so that wherever the context is put in
    /// place, the calls made there belong to that supervisor. Outside of any it knows none, and leaves what is there.
    ///
    /// ```
    /// let context = detached::Context::new();
    /// assert!(context.names().is_empty() && !context.is_cancelled() && context.deadline().is_none());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::root(state::owner())
    }

    /// The context in place here; an empty one, as [`new`](Self::new) gives, where none is.
    ///
    /// ```
    /// # use detached::Context;
    /// assert!(Context::current().names().is_empty());
    /// ```
    #[must_use]
    pub fn current() -> Self {
        Self::try_current().unwrap_or_default()
    }

    /// The context in place here, if one is.
    ///
    /// ```
    /// # use detached::Context;
    /// assert!(Context::try_current().is_none());
    /// ```
    #[must_use]
    pub fn try_current() -> Option<Self> {
        state::current()
    }
}

impl Default for Context {
    /// As [`Context::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl Context {
    /// Whether its supervisor is about to end its work: no new work is wanted. A task is waited for at most the drain's
    /// grace period, and so is an open request's answer under [`Supervisor::serve_until`].
    ///
    /// The supervisor is the one that was in place where the context was made, a task's own in a task; without one it is
    /// the one in place where this is asked, else the global one.
    ///
    /// ```
    /// # use detached::{background, Context, Supervisor};
    /// # use std::time::Duration;
    /// #[background(timeout = "5s")]
    /// async fn send_all(letters: Vec<String>) -> usize {
    ///     // Stops early, and in good order, when the process is about to end.
    ///     letters.iter().take_while(|_| !Context::current().is_draining()).count()
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = Supervisor::new();
    /// let task = supervisor.scope(async { send_all(vec!["a".into()]) }).await;
    /// supervisor.drain(Duration::from_secs(1)).await;
    /// assert_eq!(task.await, Ok(0));
    /// # }
    /// ```
    #[must_use]
    pub fn is_draining(&self) -> bool {
        match self.owner() {
            Some(owner) => owner.is_draining(),
            None => Supervisor::in_place().is_some_and(|supervisor| supervisor.is_draining()),
        }
    }

    /// Waits until its supervisor is about to end its work, as [`is_draining`](Self::is_draining) says.
    ///
    /// # Cancellation
    ///
    /// Safe to drop and to call again.
    ///
    /// ```
    /// # use detached::{background, Context, Supervisor};
    /// # use std::time::Duration;
    /// #[background(timeout = "none")]
    /// async fn poll_queue() {
    ///     // a loop would `select!` on this beside its work
    ///     Context::current().draining().await;
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = Supervisor::new();
    /// supervisor.scope(async { poll_queue() }).await;
    /// assert_eq!(supervisor.drain(Duration::from_secs(1)).await.completed.len(), 1);
    /// # }
    /// ```
    pub async fn draining(&self) {
        match self.owner() {
            Some(owner) => Waiting::new(owner.draining().cancelled()).await,
            None => Supervisor::current().draining().await,
        }
    }
}

impl Supervisor {
    /// The supervisor that calls made here belong to, unless they name another: the one in whose
    /// [`scope`](Self::scope) this is, a task's own in a task, else the [`global`](Self::global) one.
    ///
    /// ```
    /// # use detached::Supervisor;
    /// println!("{} tasks are live", Supervisor::current().tasks().len());
    /// ```
    #[must_use]
    pub fn current() -> Self {
        state::try_supervisor().unwrap_or_else(Self::global)
    }

    /// The supervisor in place here, if one is; `None` where calls belong to the global one for want of another.
    ///
    /// ```
    /// # use detached::Supervisor;
    /// assert!(Supervisor::try_current().is_none());
    /// ```
    #[must_use]
    pub fn try_current() -> Option<Self> {
        state::try_supervisor()
    }

    /// As [`current`](Self::current), but makes no global one.
    fn in_place() -> Option<Self> {
        state::try_supervisor().or_else(Self::try_global)
    }
}

impl<T: Clone + Send + Sync + 'static, S> Key<T, S> {
    /// The value in the current context, cloned.
    ///
    /// # Panics
    ///
    /// When the current context has no such value, or one of another type. In a task whose function requires the key
    /// it is there. [`try_get`](Self::try_get) does not panic.
    ///
    /// ```
    /// # use detached::{Context, Key};
    /// static USER_ID: Key<u64> = Key::new("user_id");
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let user = Context::new().with("user_id", 7_u64).scope(async { USER_ID.get() }).await;
    /// assert_eq!(user, 7);
    /// # }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn get(&self) -> T {
        match self.try_get() {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }

    /// The value in the current context, cloned.
    ///
    /// # Errors
    ///
    /// [`ValueError`], as [`Context::get`].
    ///
    /// ```
    /// # use detached::Key;
    /// static USER_ID: Key<u64> = Key::new("user_id");
    /// assert!(USER_ID.try_get().is_err());
    /// ```
    pub fn try_get(&self) -> Result<T, ValueError> {
        self.try_get_in(&Context::try_current().ok_or(ValueError::Absent { name: self.name() })?)
    }
}
