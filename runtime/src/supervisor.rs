//! The supervisor: owner of tasks. It admits them, lists them, counts them and drains them.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::admission::{Gate, Refused};
use crate::ambient::{self, Scope, Scoped};
use crate::cancellation::Cause;
use crate::clock::{Epoch, Ticks};
use crate::context::Context;
use crate::counts::Counts;
use crate::drain::{self, DrainReport};
use crate::entry::{EntryKey, Stop};
use crate::function::Function;
use crate::limiter::Limiter;
use crate::observer::Observer;
use crate::outcome::Reason;
use crate::panics;
use crate::roster::Roster;
use crate::task_info::TaskInfo;
use crate::timers::Timers;

/// The owner of tasks: it admits them, lists them, counts them and drains them.
///
/// A call belongs to the supervisor that its function names (`supervisor = …`), else to the one whose
/// [`scope`](Self::scope) it is made in, else to the [`global`](Self::global) one. A call made in a task belongs to the
/// task's. Clones are handles to the same supervisor.
///
/// ```
/// use detached::{background, Supervisor};
/// use std::time::Duration;
///
/// #[background(timeout = "5s")]
/// async fn warm_cache() {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let supervisor = Supervisor::new();
/// supervisor.scope(async { warm_cache(); }).await;
///
/// let report = supervisor.drain(Duration::from_secs(10)).await;
/// assert_eq!(report.completed.len(), 1);
/// # }
/// ```
#[derive(Clone)]
pub struct Supervisor {
    owner: Owner,
}

/// A handle of the global supervisor counts no references: every call has one, and all threads would meet in the count.
#[derive(Clone)]
enum Owner {
    Global(&'static Inner),
    Shared(Arc<Inner>),
}

pub(crate) struct Inner {
    gate: Gate,
    roster: Roster,
    timers: Timers,
    observers: Box<[Arc<dyn Observer>]>,
    handle: Option<Handle>,
    /// By function; only those with a limit.
    limiters: RwLock<HashMap<&'static Function, Arc<Limiter>>>,
    /// Woken when the gate has let the last task out.
    empty: Notify,
    draining: CancellationToken,
    /// The drain's grace is over: nothing is to start any more.
    stopping: AtomicBool,
    epoch: Epoch,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.timers.end();
    }
}

/// A supervisor that may be gone.
pub(crate) enum WeakSupervisor {
    Global(&'static Inner),
    Shared(Weak<Inner>),
}

impl WeakSupervisor {
    pub(crate) fn upgrade(&self) -> Option<Supervisor> {
        let owner = match self {
            Self::Global(inner) => Owner::Global(inner),
            Self::Shared(inner) => Owner::Shared(inner.upgrade()?),
        };
        Some(Supervisor { owner })
    }
}

/// Set by the first call to [`Supervisor::global`] or by [`SupervisorBuilder::install`].
static GLOBAL: OnceLock<Inner> = OnceLock::new();

impl Supervisor {
    /// A supervisor with every setting at its default: at most 100 000 tasks, no observers, no runtime handle.
    ///
    /// ```
    /// let supervisor = detached::Supervisor::new();
    /// assert!(supervisor.tasks().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets up a supervisor.
    ///
    /// ```
    /// use detached::Supervisor;
    /// let supervisor = Supervisor::builder().max_tasks(10_000).build();
    /// ```
    pub fn builder() -> SupervisorBuilder {
        SupervisorBuilder { max_tasks: 100_000, observers: Vec::new(), handle: None }
    }

    /// The supervisor of all calls that are in no other one's scope. Made with the defaults when it is first needed,
    /// unless a program [installs](SupervisorBuilder::install) its own before.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// // at the end of `main`, once the server has stopped
    /// let report = detached::Supervisor::global().drain(std::time::Duration::from_secs(10)).await;
    /// println!("{report}");
    /// # }
    /// ```
    #[must_use]
    pub fn global() -> Self {
        Self { owner: Owner::Global(GLOBAL.get_or_init(|| Self::builder().inner())) }
    }

    /// Runs `future` with this supervisor in place: the calls made in it belong to this supervisor.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = detached::Supervisor::new();
    /// supervisor.scope(async { ping().await }).await.unwrap();
    /// assert_eq!(supervisor.counts().completed, 1);
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        Scope::new(Scoped::Supervisor(self.clone()), future)
    }

    /// The live tasks, as they are now. The list is a copy: taking it stops nobody for longer than a few entries take.
    ///
    /// ```
    /// for task in detached::Supervisor::global().tasks() {
    ///     println!("{task}");
    /// }
    /// ```
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskInfo> {
        let now = Instant::now();
        let mut tasks = Vec::new();
        self.inner().roster.for_each(|entry| tasks.push(TaskInfo::of_entry(entry, self.inner().epoch, now)));
        tasks
    }

    /// How many calls there were and what became of them, in sum and by function.
    ///
    /// ```
    /// let counts = detached::Supervisor::new().counts();
    /// assert_eq!((counts.called, counts.running), (0, 0));
    /// ```
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.inner().roster.add_counts(&mut counts);
        counts
    }

    /// Waits until no task is live. Admission stays open: a call made later makes it busy again.
    ///
    /// # Cancellation
    ///
    /// Safe to drop and to call again.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = detached::Supervisor::new();
    /// supervisor.scope(async { ping(); }).await;
    /// supervisor.idle().await;
    /// assert_eq!(supervisor.counts().completed, 1);
    /// # }
    /// ```
    pub async fn idle(&self) {
        loop {
            let mut empty = std::pin::pin!(self.inner().empty.notified());
            // Waiting before asking: whoever leaves last after the question wakes this.
            empty.as_mut().enable();
            if self.inner().gate.await_empty() {
                return;
            }
            empty.await;
        }
    }

    /// Ends the supervisor's work in good order, for the end of `main`. Beside axum: first
    /// `axum::serve(…).with_graceful_shutdown(…).await`, then this.
    ///
    /// 1. It closes admission. Calls of tasks that still run are accepted, all others are rejected.
    /// 2. It cancels the tasks of functions with `shutdown = "cancel"`; the others can see
    ///    [`Context::is_draining`].
    /// 3. It waits until no task is live, at most `grace`, and no longer than needed.
    /// 4. It cancels what is left with [`Cause::Shutdown`] and lets each task have its own `grace`.
    /// 5. It reports by name what completed, failed, was cancelled, and was abandoned: a body that blocks its thread
    ///    can be neither waited for nor stopped, and the drain returns all the same.
    ///
    /// The supervisor stays closed. A second drain, at the same time or later, goes through the same steps with its
    /// own `grace` and reports on everything that ended since the first began.
    ///
    /// To be called outside of the supervisor's own tasks: one that awaits the drain is itself waited for, and cut off.
    ///
    /// # Cancellation
    ///
    /// When the future is dropped, admission stays closed and tasks go on; call it again to go on with the drain.
    ///
    /// # Panics
    ///
    /// When the tokio runtime has no time driver.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = detached::Supervisor::new();
    /// let task = supervisor.scope(async { ping() }).await;
    /// let report = supervisor.drain(std::time::Duration::from_secs(10)).await;
    /// assert_eq!(report.completed[0].name, "ping");
    /// assert!(report.is_clean());
    /// # }
    /// ```
    pub async fn drain(&self, grace: Duration) -> DrainReport {
        drain::drain(self, grace).await
    }

    /// Whether a drain has begun.
    ///
    /// ```
    /// assert!(!detached::Supervisor::new().is_draining());
    /// ```
    #[must_use]
    #[inline]
    pub fn is_draining(&self) -> bool {
        self.inner().gate.is_closed()
    }

    pub(crate) async fn draining(&self) {
        self.inner().draining.cancelled().await;
    }

    /// Closes admission and says so.
    pub(crate) fn close(&self) {
        self.inner().roster.open_ledgers();
        self.inner().gate.close();
        self.inner().draining.cancel();
    }

    /// From now on nothing is to start, not even what is called by tasks.
    pub(crate) fn begin_stopping(&self) {
        // SeqCst, with the load in `stops_at_once`: a call either is on the roster when the drain looks through it, or
        // sees this.
        self.inner().stopping.store(true, Ordering::SeqCst);
    }

    /// Whether a task that was admitted just now is to be cancelled all the same.
    #[inline]
    pub(crate) fn stops_at_once(&self, function: &Function) -> bool {
        self.is_draining() && (function.options.cancel_at_shutdown || self.inner().stopping.load(Ordering::SeqCst))
    }

    pub(crate) fn cancel_task(&self, key: EntryKey, cause: Cause) {
        self.inner().roster.stop(key, Stop::Cancelled(Arc::new(cause)));
    }

    /// Lets a call in. `context` gives the caller's.
    #[inline]
    pub(crate) fn enter(&self, context: impl FnOnce() -> Option<Context>) -> Result<(), Reason> {
        // Only a closed gate asks where the caller stands, so the common case pays nothing for it.
        let from_inside =
            self.is_draining() && (self.runs_here() || context().is_some_and(|it| self.owns_task_of(&it)));
        self.inner().gate.enter(from_inside).map_err(|refused| match refused {
            Refused::Closed => Reason::Draining,
            Refused::Full => Reason::SupervisorFull,
        })
    }

    /// Whether the caller is the body of a live task, whatever context it has put around the call.
    fn runs_here(&self) -> bool {
        ambient::inside().is_some_and(|(supervisor, key)| self.owns(&supervisor, key))
    }

    /// Whether the context is a live task's: its body may have handed it to another task.
    fn owns_task_of(&self, context: &Context) -> bool {
        context.task().is_some_and(|task| self.owns(&task.supervisor, task.key))
    }

    fn owns(&self, supervisor: &Self, key: EntryKey) -> bool {
        std::ptr::eq(supervisor.inner(), self.inner()) && self.is_live(key)
    }

    pub(crate) fn is_live(&self, key: EntryKey) -> bool {
        self.inner().roster.with(key, |_| ()).is_some()
    }

    /// Lets an ended task out.
    #[inline]
    pub(crate) fn leave(&self) {
        if self.inner().gate.leave() {
            self.inner().empty.notify_waiters();
        }
    }

    pub(crate) fn live(&self) -> usize {
        self.inner().gate.inside()
    }

    /// The context of a live task, made when it is first asked for.
    pub(crate) fn context_of(&self, key: EntryKey, deadline: Ticks) -> Option<Context> {
        let found = self.inner().roster.with(key, |entry| match &entry.context {
            Some(context) => Ok(context.clone()),
            None => Err((entry.values.to_vec(), entry.origin.clone())),
        })?;
        let (values, origin) = match found {
            Ok(context) => return Some(context),
            Err(parts) => parts,
        };
        let deadline = self.inner().epoch.instant(deadline);
        let context = Context::of_task(values, deadline, origin, self.clone(), key);
        // Only the thread that polls the task makes its context, so nobody made one meanwhile.
        let stop = self.inner().roster.with(key, |entry| {
            entry.context = Some(context.clone());
            entry.stop.clone()
        })?;
        if let Some(stop) = stop {
            context.cancel_here(stop.cause());
        }
        Some(context)
    }

    #[inline]
    fn inner(&self) -> &Inner {
        match &self.owner {
            Owner::Global(inner) => inner,
            Owner::Shared(inner) => inner,
        }
    }

    #[inline]
    pub(crate) fn roster(&self) -> &Roster {
        &self.inner().roster
    }

    #[inline]
    pub(crate) fn timers(&self) -> &Timers {
        &self.inner().timers
    }

    #[inline]
    pub(crate) fn observers(&self) -> &[Arc<dyn Observer>] {
        &self.inner().observers
    }

    pub(crate) fn handle(&self) -> Option<&Handle> {
        self.inner().handle.as_ref()
    }

    #[inline]
    pub(crate) fn epoch(&self) -> Epoch {
        self.inner().epoch
    }

    pub(crate) fn downgrade(&self) -> WeakSupervisor {
        match &self.owner {
            Owner::Global(inner) => WeakSupervisor::Global(inner),
            Owner::Shared(inner) => WeakSupervisor::Shared(Arc::downgrade(inner)),
        }
    }

    /// The limiter of a function with a `limit`.
    #[inline]
    pub(crate) fn limiter(&self, function: &'static Function) -> Option<Arc<Limiter>> {
        let limit = function.options.limit?;
        let known = self.inner().limiters.read().unwrap_or_else(PoisonError::into_inner).get(function).cloned();
        Some(known.unwrap_or_else(|| {
            let mut limiters = self.inner().limiters.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(limiters.entry(function).or_insert_with(|| Arc::new(Limiter::new(limit))))
        }))
    }
}

impl Default for Supervisor {
    /// As [`Supervisor::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor").field("live", &self.live()).field("draining", &self.is_draining()).finish()
    }
}

/// Sets up a [`Supervisor`]; made by [`Supervisor::builder`].
///
/// ```
/// use detached::Supervisor;
/// let supervisor = Supervisor::builder().max_tasks(10_000).build();
/// ```
#[must_use = "a builder does nothing until `build` or `install`"]
pub struct SupervisorBuilder {
    max_tasks: usize,
    observers: Vec<Arc<dyn Observer>>,
    handle: Option<Handle>,
}

impl SupervisorBuilder {
    /// How many tasks may be live at once, waiting ones included; 100 000 by default. A call beyond is rejected with
    /// [`Reason::SupervisorFull`].
    ///
    /// ```
    /// let supervisor = detached::Supervisor::builder().max_tasks(10_000).build();
    /// ```
    pub fn max_tasks(mut self, max: usize) -> Self {
        self.max_tasks = max;
        self
    }

    /// Adds an observer. Observers are called in the order in which they were added.
    ///
    /// ```
    /// use detached::{Observer, Outcome, Supervisor, TaskInfo};
    ///
    /// struct Print;
    /// impl Observer for Print {
    ///     fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
    ///         println!("{} {}", task.name(), outcome.name());
    ///     }
    /// }
    /// let supervisor = Supervisor::builder().observer(Print).build();
    /// ```
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// The tokio runtime for calls that are made outside of any. Without it such a call is rejected with
    /// [`Reason::NoRuntime`]. A call made inside a runtime runs there.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let handle = tokio::runtime::Handle::current();
    /// let supervisor = detached::Supervisor::builder().runtime_handle(handle).build();
    /// # }
    /// ```
    pub fn runtime_handle(mut self, handle: Handle) -> Self {
        self.handle = Some(handle);
        self
    }

    /// Makes the supervisor.
    ///
    /// It also extends the process's panic hook, once, to note where a task's panic happened: the hook that was set
    /// before still runs, so a task's panic is printed by it as any other is, beside the event of the outcome.
    ///
    /// ```
    /// let supervisor = detached::Supervisor::builder().build();
    /// ```
    #[must_use]
    pub fn build(self) -> Supervisor {
        Supervisor { owner: Owner::Shared(Arc::new(self.inner())) }
    }

    fn inner(self) -> Inner {
        panics::extend_hook();
        // More shards than threads: two threads seldom meet in one.
        let threads = available_parallelism().map_or(4, NonZero::get);
        Inner {
            gate: Gate::new(self.max_tasks),
            roster: Roster::new((4 * threads).next_power_of_two().min(64)),
            timers: Timers::new(),
            observers: self.observers.into(),
            handle: self.handle,
            limiters: RwLock::default(),
            empty: Notify::new(),
            draining: CancellationToken::new(),
            stopping: AtomicBool::new(false),
            epoch: Epoch::new(),
        }
    }

    /// Makes the supervisor and installs it as the [global](Supervisor::global) one.
    ///
    /// # Errors
    ///
    /// [`AlreadyInstalled`] when there is a global supervisor by now, installed or made by a call; it stays.
    ///
    /// ```
    /// use detached::Supervisor;
    /// let supervisor = Supervisor::builder().max_tasks(10_000).install().expect("first thing in `main`");
    /// ```
    pub fn install(self) -> Result<Supervisor, AlreadyInstalled> {
        GLOBAL.set(self.inner()).map_err(|_| AlreadyInstalled(()))?;
        Ok(Supervisor::global())
    }
}

impl fmt::Debug for SupervisorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisorBuilder")
            .field("max_tasks", &self.max_tasks)
            .field("observers", &self.observers.len())
            .field("handle", &self.handle)
            .finish()
    }
}

/// There is a global supervisor already; see [`SupervisorBuilder::install`].
///
/// ```
/// use detached::Supervisor;
/// let first = Supervisor::global();
/// let error = Supervisor::builder().install().unwrap_err();
/// assert_eq!(error.to_string(), "there is a global supervisor already; install yours first thing in `main`");
/// ```
#[derive(Debug)]
pub struct AlreadyInstalled(());

impl fmt::Display for AlreadyInstalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is a global supervisor already; install yours first thing in `main`")
    }
}

impl std::error::Error for AlreadyInstalled {}
