//! `Context`: named values, a deadline, and a cancellation with its cause.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::cancellation::{Cancellation, from_now};
use super::cause::Cause;
use super::origin::Origin;
use super::owner::{OwnerRef, TaskKey, TaskScope};
use super::value::{Named, ValueError};
use super::value_name::{SetsValue, ValueName};
use super::values::{Snapshot, Values};
use crate::now::now;

/// Named values, a deadline and a cancellation with its cause.
///
/// A context is ambient: [`scope`](Self::scope) puts it in place around a future, [`current`](Self::current) finds it
/// there, and it follows that future from thread to thread. A request usually has one, opened by a middleware. A task
/// has one of its own: it holds what the task inherited and nothing else.
///
/// Clones are handles to the same context. What changes a context for its descendants only ([`with`](Self::with),
/// [`child`](Self::child), [`with_timeout`](Self::with_timeout)) gives a child, as in Go: cancelling a parent cancels
/// its children, a child never outlives its parent's deadline, and it starts with the values its parent has then.
///
/// Whoever is the last to hold a value, be it a task, a list of tasks or a handle of the context, is not hurt by a panic of its
/// drop: that is caught there, each value's on its own.
///
/// [The guide](crate::guide::context) compares a request's context, a task's, and Go's ways to detach one.
///
/// ```
/// use detached::{Context, Key};
///
/// static USER_ID: Key<u64> = Key::new("user_id");
/// static TOKEN: Key<String> = Key::new("token").sensitive();
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let request = Context::new().with(USER_ID, 7).with(TOKEN, "s3cret".to_owned());
/// request.scope(async {
///     let context = Context::current();
///     assert_eq!(context.get(USER_ID), Ok(7));
///     assert_eq!(format!("{context:?}"), r#"Context { values: {"user_id": 7}, cause: None, deadline: None }"#);
/// }).await;
/// # }
/// ```
#[derive(Clone)]
pub struct Context {
    inner: Arc<Inner>,
}

struct Inner {
    values: Values,
    cancellation: Arc<Cancellation>,
    origin: Option<Origin>,
    /// The supervisor that was in place where the context was made; of a task's, its own.
    owner: Option<OwnerRef>,
    task: Option<TaskScope>,
}

impl Context {
    /// An empty context, with the supervisor in whose scope it is made.
    pub(crate) fn root(owner: Option<OwnerRef>) -> Self {
        Self::from_parts(Values::default(), Cancellation::root(None), None, owner, None)
    }

    /// A task's own context, detached: its values, its deadline, its cancellation.
    pub(crate) fn of_task(
        values: Snapshot,
        deadline: Option<Instant>,
        origin: Option<Origin>,
        owner: OwnerRef,
        key: TaskKey,
    ) -> Self {
        Self::from_parts(
            Values::new(values),
            Cancellation::root(deadline),
            origin,
            Some(owner),
            Some(TaskScope::own(key)),
        )
    }

    fn from_parts(
        values: Values,
        cancellation: Arc<Cancellation>,
        origin: Option<Origin>,
        owner: Option<OwnerRef>,
        task: Option<TaskScope>,
    ) -> Self {
        Self { inner: Arc::new(Inner { values, cancellation, origin, owner, task }) }
    }

    /// Adds a value, under a key or a name.
    ///
    /// It is shown in spans, events and lists: as its key says, or with `Debug` under a name
    /// ([`with_display`](Self::with_display) shows it with `Display`); up to 16 KiB of it, on one line, and a context that is
    /// a value of itself some levels deep.
    ///
    /// Other handles of this context do not see it: with any alive, this gives a [`child`](Self::child) instead.
    /// A value of the same name is replaced.
    ///
    /// ```
    /// # use detached::{Context, Key};
    /// static USER_ID: Key<u64> = Key::new("user_id");
    ///
    /// let context = Context::new().with(USER_ID, 7).with("page", "/pricing");
    /// let other = context.clone().with(USER_ID, 8);
    /// assert_eq!(context.get(USER_ID), Ok(7));
    /// assert_eq!(other.get(USER_ID), Ok(8));
    /// ```
    #[must_use = "`with` gives the context back"]
    pub fn with<T>(self, name: impl SetsValue<T>, value: T) -> Self {
        self.with_named(name.named(value))
    }

    /// Adds a value that is shown as people write it, with `Display`. A [key](crate::Key::display) says it once for all; a
    /// sensitive one stays sensitive.
    ///
    /// ```
    /// # use detached::Context;
    /// use std::net::Ipv4Addr;
    ///
    /// let context = Context::new().with_display("client", Ipv4Addr::LOCALHOST);
    /// assert!(format!("{context:?}").contains(r#""client": 127.0.0.1"#));
    /// ```
    #[must_use = "`with_display` gives the context back"]
    pub fn with_display<T>(self, name: impl ValueName<T>, value: T) -> Self
    where
        T: Clone + fmt::Display + Send + Sync + 'static,
    {
        self.with_named(name.displayed(value))
    }

    /// Adds a value that is carried and never shown: in no span, event, list or report. It needs no `Debug`. A
    /// [sensitive key](crate::Key::sensitive) says it once for all.
    ///
    /// ```
    /// # use detached::Context;
    /// #[derive(Clone)]
    /// struct Token(String);
    ///
    /// let context = Context::new().with_sensitive("token", Token("s3cret".into()));
    /// assert!(!format!("{context:?}").contains("s3cret"));
    /// assert_eq!(context.get::<Token>("token").unwrap().0, "s3cret");
    /// ```
    #[must_use = "`with_sensitive` gives the context back"]
    pub fn with_sensitive<T>(self, name: impl ValueName<T>, value: T) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        self.with_named(Named::sensitive(name.text(), value))
    }

    fn with_named(mut self, value: Arc<Named>) -> Self {
        // A handle nobody shares is changed in place; a shared one must not change under the others.
        if Arc::get_mut(&mut self.inner).is_none() {
            self = self.child();
        }
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            if let Some(replaced) = inner.values.set(value) {
                replaced.drop_openly();
            }
        }
        self
    }

    /// Sets a value on this very context, under a key or a name: every handle of it sees the value from now on.
    ///
    /// For code that runs inside a request and cannot wrap it, such as an extractor. The store is live, a task's
    /// snapshot is not: tasks that were called before do not see the value. A value of the same name is replaced; one
    /// that this context started with is freed with the context, not before. Where no context is in place, what is set
    /// on [`current`](Self::current) is gone with that handle.
    ///
    /// ```
    /// # use detached::{Context, Key};
    /// static USER_ID: Key<u64> = Key::new("user_id");
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let request = Context::new();
    /// request.scope(async { Context::current().insert(USER_ID, 7) }).await;
    /// assert_eq!(request.get(USER_ID), Ok(7));
    /// # }
    /// ```
    pub fn insert<T>(&self, name: impl SetsValue<T>, value: T) {
        self.insert_named(name.named(value));
    }

    /// Sets a value as [`insert`](Self::insert) does, one that is shown with `Display`.
    ///
    /// ```
    /// # use detached::Context;
    /// let context = Context::new();
    /// context.insert_display("client", std::net::Ipv4Addr::LOCALHOST);
    /// assert!(format!("{context:?}").contains("127.0.0.1"));
    /// ```
    pub fn insert_display<T>(&self, name: impl ValueName<T>, value: T)
    where
        T: Clone + fmt::Display + Send + Sync + 'static,
    {
        self.insert_named(name.displayed(value));
    }

    /// Sets a value as [`insert`](Self::insert) does, one that is never shown.
    ///
    /// ```
    /// # use detached::Context;
    /// let context = Context::new();
    /// context.insert_sensitive("token", "s3cret");
    /// assert_eq!(context.get::<&str>("token"), Ok("s3cret"));
    /// assert!(!format!("{context:?}").contains("s3cret"));
    /// ```
    pub fn insert_sensitive<T>(&self, name: impl ValueName<T>, value: T)
    where
        T: Clone + Send + Sync + 'static,
    {
        self.insert_named(Named::sensitive(name.text(), value));
    }

    fn insert_named(&self, value: Arc<Named>) {
        if let Some(replaced) = self.inner.values.insert(value) {
            replaced.drop_openly();
        }
    }

    /// The value under a key or a name, cloned. A key knows its type, a name is told it.
    ///
    /// # Errors
    ///
    /// [`ValueError::Absent`] when there is none, [`ValueError::WrongType`], which names both types, when it is no `T`.
    ///
    /// ```
    /// # use detached::{Context, Key};
    /// static PAGE: Key<&str> = Key::new("page");
    ///
    /// let context = Context::new().with(PAGE, "/pricing");
    /// assert_eq!(context.get(PAGE), Ok("/pricing"));
    /// assert_eq!(context.get::<&str>("page"), Ok("/pricing"));
    /// assert!(context.get::<String>("page").is_err());
    /// ```
    pub fn get<T: Clone + 'static>(&self, name: impl ValueName<T>) -> Result<T, ValueError> {
        // Where nothing says the type, as in `let user = context.get("user")?`, the compiler takes one that has no values.
        const { assert!(size_of::<Option<T>>() > 0, "say the type of the value, as in `get::<UserId>(..)`") };
        let name = name.text();
        self.find(name).ok_or(ValueError::Absent { name })?.get()
    }

    #[inline]
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Named>> {
        self.inner.values.find(name)
    }

    /// The names of the values held, sensitive ones included, in the order they were first set.
    ///
    /// ```
    /// # use detached::Context;
    /// assert_eq!(Context::new().with("user_id", 7).with("tenant", "acme").names(), ["user_id", "tenant"]);
    /// ```
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.inner.values.all().iter().map(|value| value.name()).collect()
    }

    /// A context below this one: it starts with the same values, hears this one's cancellation and keeps its deadline.
    /// What is set or cancelled on the child does not reach this one.
    ///
    /// ```
    /// # use detached::{Cause, Context};
    /// let parent = Context::new();
    /// let child = parent.child();
    /// child.cancel("only the child");
    /// assert!(!parent.is_cancelled());
    ///
    /// let child = parent.child();
    /// parent.cancel(Cause::Completed);
    /// assert_eq!(child.cause(), Some(Cause::Completed));
    /// ```
    #[must_use]
    pub fn child(&self) -> Self {
        self.child_until(None)
    }

    fn child_until(&self, deadline: Option<Instant>) -> Self {
        let inner = &*self.inner;
        Self::from_parts(
            Values::new(inner.values.all()),
            inner.cancellation.child(deadline),
            inner.origin.clone(),
            inner.owner.clone(),
            inner.task.map(TaskScope::child),
        )
    }

    /// A child that is cancelled with [`Cause::TimedOut`] after `bound`, or at this context's deadline if that is
    /// earlier, like Go's `context.WithTimeout`.
    ///
    /// ```
    /// # use detached::{Cause, Context};
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let context = Context::new().with_timeout(Duration::from_secs(5));
    /// context.cancelled().await;
    /// assert_eq!(context.cause(), Some(Cause::TimedOut));
    /// # }
    /// ```
    #[must_use]
    pub fn with_timeout(&self, bound: Duration) -> Self {
        self.child_until(from_now(bound))
    }

    /// A child that is cancelled with [`Cause::TimedOut`] at `deadline`, or at this context's deadline if that is
    /// earlier, like Go's `context.WithDeadline`.
    ///
    /// ```
    /// # use detached::Context;
    /// # use std::time::Duration;
    /// # use tokio::time::Instant;
    /// let soon = Instant::now() + Duration::from_secs(5);
    /// let context = Context::new().with_deadline(soon);
    /// assert_eq!(context.with_deadline(soon + Duration::from_secs(9)).deadline(), Some(soon));
    /// ```
    #[must_use]
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        self.child_until(Some(deadline))
    }

    /// Cancels this context and all below it. The first cause stays; later ones are ignored.
    ///
    /// To cancel a task's own context is to cancel the task, as [`Task::cancel`](crate::Task::cancel) does. A task's
    /// end cancels nothing: whoever still holds its context may.
    ///
    /// ```
    /// # use detached::{Cause, Context};
    /// let context = Context::new();
    /// context.cancel("the order was withdrawn");
    /// assert_eq!(context.cause(), Some(Cause::from("the order was withdrawn")));
    /// ```
    pub fn cancel(&self, cause: impl Into<Cause>) {
        let cause = cause.into();
        match (&self.inner.owner, &self.inner.task) {
            (Some(owner), Some(task)) if task.is_own => {
                owner.cancel_task(task.key, cause.clone());
                // An ended task hears nothing any more; whoever still holds its context does.
                if !owner.is_live(task.key) {
                    self.cancel_here(cause);
                }
            }
            _ => self.inner.cancellation.cancel(cause),
        }
    }

    pub(crate) fn cancellation(&self) -> Arc<Cancellation> {
        Arc::clone(&self.inner.cancellation)
    }

    pub(crate) fn cancel_here(&self, cause: Cause) {
        self.inner.cancellation.cancel(cause);
    }

    /// Whether this context was cancelled or its deadline has passed.
    ///
    /// ```
    /// # use detached::{Cause, Context};
    /// let context = Context::new();
    /// assert!(!context.is_cancelled());
    /// context.cancel(Cause::Completed);
    /// assert!(context.is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.inner.cancellation.is_cancelled()
    }

    /// Waits until this context is cancelled or its deadline passes, like Go's `<-ctx.Done()`.
    ///
    /// # Cancellation
    ///
    /// Safe to drop and to call again.
    ///
    /// # Panics
    ///
    /// When the context has a deadline and the tokio runtime has no time driver.
    ///
    /// ```
    /// # use detached::{Cause, Context};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let context = Context::new();
    /// context.cancel(Cause::Disconnected);
    /// context.cancelled().await;
    /// # }
    /// ```
    pub async fn cancelled(&self) {
        self.inner.cancellation.cancelled().await;
    }

    /// Why this context was cancelled, like Go's `context.Cause`; `None` while it is not. Once given it never changes.
    ///
    /// ```
    /// # use detached::{Cause, Context};
    /// let context = Context::new();
    /// context.cancel(Cause::Completed);
    /// assert_eq!(context.cause(), Some(Cause::Completed));
    /// ```
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.inner.cancellation.cause()
    }

    /// The instant at which this context is cancelled by itself; `None` when nothing bounds it.
    ///
    /// In a task it is the task's own, counted from its call, or from its turn at a `limit`; the request's never shows.
    ///
    /// ```
    /// # use detached::Context;
    /// assert_eq!(Context::new().deadline(), None);
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.inner.cancellation.deadline()
    }

    /// The time left until the deadline, zero when it has passed; `None` without one.
    ///
    /// ```
    /// # use detached::Context;
    /// # use std::time::Duration;
    /// let context = Context::new().with_timeout(Duration::from_secs(5));
    /// assert!(context.remaining().unwrap() <= Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        Some(self.deadline()?.saturating_duration_since(now()))
    }

    /// In a task, the read-only view of the context the call was made in; `None` outside a task, and in one that was
    /// called where no context was.
    ///
    /// ```
    /// # use detached::{background, Context};
    /// #[background(timeout = "5s")]
    /// async fn is_wanted() -> bool {
    ///     Context::current().origin().is_some_and(|origin| !origin.is_cancelled())
    /// }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let request = Context::new();
    /// assert_eq!(request.scope(async { is_wanted().await }).await, Ok(true));
    /// # }
    /// ```
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        self.inner.origin.clone()
    }

    /// The read-only view of this context that a task called in it would have.
    ///
    /// ```
    /// # use detached::{Cause, Context};
    /// let context = Context::new().with("user_id", 7);
    /// let origin = context.as_origin();
    /// drop(context); // the value goes with it
    /// assert!(!origin.is_cancelled());
    /// ```
    #[must_use]
    #[inline]
    pub fn as_origin(&self) -> Origin {
        Origin::new(self.cancellation())
    }

    /// The supervisor of the context, if one was in place where it was made.
    pub(crate) fn owner(&self) -> Option<&OwnerRef> {
        self.inner.owner.as_ref()
    }

    /// The task this context belongs to, if it does.
    pub(crate) fn task(&self) -> Option<(&OwnerRef, TaskKey)> {
        Some((self.inner.owner.as_ref()?, self.inner.task?.key))
    }
}

/// Shows the values that are not sensitive, the cause and the deadline.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Shown(Snapshot);
        impl fmt::Debug for Shown {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let shown = self.0.iter().filter(|value| value.is_shown());
                f.debug_map().entries(shown.map(|value| (value.name(), value))).finish()
            }
        }
        f.debug_struct("Context")
            .field("values", &Shown(self.inner.values.all()))
            .field("cause", &self.cause())
            .field("deadline", &self.deadline())
            .finish()
    }
}
