//! The supervisor: owner of tasks. It admits them, lists them, counts them and drains them.

use std::collections::HashMap;
use std::fmt;
#[cfg(feature = "testing")]
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::last_words::LastWords;
use super::limiter::Limiter;
#[cfg(feature = "tower")]
use super::mishaps::Mishaps;
use super::observer::Observer;
#[cfg(feature = "testing")]
use super::refusals;
use super::spans::Spans;
use crate::context::{Cause, Context, OwnerRef, TaskKey};
use crate::function::{Function, Limit};
use crate::now::now;
use crate::outcome::{Reason, TaskError};
use crate::panics;
use crate::roster::{Closures, Counts, Holder, Phase, Roster, Stop, TaskInfo, Timers, WeakHolder};
use crate::waiting::Waiting;

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
    pub(super) held: Held,
}

/// A handle of the global supervisor counts no references: every call has one, and all threads would meet in the count.
#[derive(Clone)]
pub(super) enum Held {
    Global(&'static Inner),
    Shared(Arc<Inner>),
}

pub(super) struct Inner {
    pub(super) roster: Roster,
    pub(super) closures: Closures,
    pub(super) timers: Timers,
    pub(super) observers: Box<[Arc<dyn Observer>]>,
    pub(super) runtime: Option<Handle>,
    pub(super) spans: Spans,
    /// By function; only those with a limit.
    pub(super) limiters: RwLock<HashMap<&'static Function, Arc<Limiter>>>,
    pub(super) last_words: LastWords,
    /// Woken when the last task of a shard has left, or the last but residents.
    pub(super) left: Notify,
    pub(super) is_draining: AtomicBool,
    pub(super) draining: CancellationToken,
    #[cfg(feature = "tower")]
    pub(super) mishaps: Mishaps,
    #[cfg(feature = "durable")]
    pub(super) store: Option<OpaqueStore>,
}

/// What `durable` keeps of a supervisor.
#[cfg(feature = "durable")]
pub(crate) type OpaqueStore = Box<dyn std::any::Any + Send + Sync>;

impl Supervisor {
    /// The live tasks, as they are now. The list is a copy: taking it stops nobody for longer than a few entries take.
    /// Closures of [`spawn_blocking`](crate::spawn_blocking) are no tasks and not listed.
    ///
    /// ```
    /// for task in detached::Supervisor::global().tasks() {
    ///     println!("{task}");
    /// }
    /// ```
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskInfo> {
        let now = self.now();
        let mut tasks = Vec::new();
        self.inner().roster.for_each(|entry| tasks.push(TaskInfo::of_entry(entry, None, now)));
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
        self.inner().roster.counts()
    }

    /// Waits until no task is live but residents, the tasks of functions with `shutdown = "cancel"`: those live as long
    /// as the process. For closures of [`spawn_blocking`](crate::spawn_blocking) too, but for those of live residents. Admission
    /// stays open: a call made later makes it busy again.
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
        Waiting::new(self.wait_until_empty(true)).await;
    }

    /// Waits until no task is live, residents included, at most `bound`; says whether none is.
    pub(super) async fn is_empty_within(&self, bound: Duration) -> bool {
        Waiting::new(timeout(bound, self.wait_until_empty(false))).await.is_ok()
    }

    /// To be waited for with [`Waiting`].
    async fn wait_until_empty(&self, but_residents: bool) {
        loop {
            let mut left = std::pin::pin!(self.inner().left.notified());
            // Waiting before asking: whoever leaves last after the question wakes this.
            left.as_mut().enable();
            if self.inner().closures.are_over(self.roster(), || self.roster().await_empty(but_residents)) {
                return;
            }
            left.await;
        }
    }

    /// Whether the supervisor is about to end its work: a drain has begun, or [`serve_until`](Self::serve_until) has its
    /// signal. What a readiness probe asks.
    ///
    /// ```
    /// assert!(!detached::Supervisor::new().is_draining());
    /// ```
    #[must_use]
    #[inline]
    pub fn is_draining(&self) -> bool {
        self.inner().is_draining()
    }

    /// Waits until [`is_draining`](Self::is_draining) is so; for streams without end, such as SSE, which would keep a server open, and for websockets.
    ///
    /// # Cancellation
    ///
    /// Safe to drop and to call again.
    ///
    /// ```
    /// # use detached::Supervisor;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = Supervisor::new();
    /// tokio::join!(supervisor.draining(), supervisor.drain(std::time::Duration::ZERO));
    /// # }
    /// ```
    pub async fn draining(&self) {
        Waiting::new(self.inner().draining.cancelled()).await;
    }

    /// Says that the end is near, and cancels the residents. Calls are still admitted.
    pub(crate) fn announce(&self) {
        let Inner { roster, is_draining, draining, .. } = self.inner();
        roster.go_on_to(Phase::Draining);
        // Release, for the Acquire in `is_draining`.
        is_draining.store(true, Ordering::Release);
        draining.cancel();
        roster.stop_all(&Stop::Shutdown, |entry| entry.function.is_resident());
    }

    /// Closes admission.
    pub(super) fn close(&self) {
        self.roster().go_on_to(Phase::Closed);
    }

    /// From now on nothing is to start, not even what is called by tasks, and what runs is to stop.
    pub(super) fn stop_all(&self) {
        self.roster().go_on_to(Phase::Stopping);
        self.roster().stop_all(&Stop::Shutdown, |_| true);
    }

    pub(crate) fn cancel_task(&self, key: TaskKey, cause: Cause) {
        self.inner().cancel_task(key, cause);
    }

    /// Whether this is the global supervisor, and a test has it refuse all calls.
    #[cfg(feature = "testing")]
    #[inline]
    pub(crate) fn refuses(&self, function: &Function, caller: &'static Location<'static>) -> bool {
        matches!(self.held, Held::Global(_)) && refusals::refuse(function.name, caller)
    }

    /// The context's task, if that is this supervisor's: its body may have handed it to another task.
    pub(crate) fn task_of(&self, context: &Context) -> Option<TaskKey> {
        let (owner, key) = context.task()?;
        // By their addresses alone: two vtables of one type may differ.
        std::ptr::addr_eq(&raw const **owner, self.inner()).then_some(key)
    }

    /// Whether both are handles of one supervisor.
    pub(crate) fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self.inner(), other.inner())
    }

    /// Has whoever waits look again who is left.
    pub(crate) fn tell_of_leave(&self) {
        self.inner().left.notify_waiters();
    }

    /// Notes what became of a task that its runtime has dropped, for the handle.
    pub(crate) fn note_dropped(&self, key: TaskKey, error: TaskError) {
        if error != TaskError::Cancelled(Cause::RuntimeStopped) {
            self.inner().last_words.leave(key, error);
        }
    }

    /// What became of a task that its runtime has dropped.
    pub(crate) fn end_of_dropped(&self, key: TaskKey) -> TaskError {
        self.inner().last_words.take(key).unwrap_or(TaskError::Cancelled(Cause::RuntimeStopped))
    }

    pub(crate) fn live(&self) -> u64 {
        self.roster().inside()
    }

    /// The context of a live task, made when it is first asked for.
    pub(crate) fn context_of(&self, key: TaskKey) -> Option<Context> {
        let found = self.inner().roster.with(key, |entry| match &entry.context {
            Some(context) => Ok(context.clone()),
            None => Err((entry.values.clone(), entry.bound.deadline, entry.origin.clone())),
        })?;
        let (values, deadline, origin) = match found {
            Ok(context) => return Some(context),
            Err(parts) => parts,
        };
        let context = Context::of_task(values, deadline, origin, self.as_owner(), key);
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
    pub(super) fn inner(&self) -> &Inner {
        match &self.held {
            Held::Global(inner) => inner,
            Held::Shared(inner) => inner,
        }
    }

    #[inline]
    pub(crate) fn roster(&self) -> &Roster {
        &self.inner().roster
    }

    pub(crate) fn closures(&self) -> &Closures {
        &self.inner().closures
    }

    /// The number of the runtime's timer, started now if it is the first time.
    #[inline]
    pub(crate) fn timer_of(&self, runtime: &Handle) -> Result<u32, Reason> {
        let inner = self.inner();
        inner.timers.of(runtime, &inner.roster, || self.weak())
    }

    #[inline]
    pub(crate) fn observers(&self) -> &[Arc<dyn Observer>] {
        &self.inner().observers
    }

    /// The runtime that all its tasks run in, if it was given one.
    #[inline]
    pub(crate) fn runtime(&self) -> Option<&Handle> {
        self.inner().runtime.as_ref()
    }

    #[inline]
    pub(crate) fn spans(&self) -> Spans {
        self.inner().spans
    }

    /// Now, by the clock of the supervisor's own runtime, else of the one this runs in. Only a paused clock differs.
    #[inline]
    pub(crate) fn now(&self) -> Instant {
        match self.runtime() {
            None => now(),
            Some(own) => now_in(own),
        }
    }

    #[cfg(feature = "durable")]
    pub(crate) fn store(&self) -> Option<&OpaqueStore> {
        self.inner().store.as_ref()
    }

    fn weak(&self) -> WeakHolder {
        match &self.held {
            Held::Global(inner) => WeakHolder::Global(*inner),
            Held::Shared(inner) => {
                let inner: Arc<dyn Holder> = Arc::<Inner>::clone(inner);
                WeakHolder::Shared(Arc::downgrade(&inner))
            }
        }
    }

    /// This supervisor as contexts know it.
    pub(crate) fn as_owner(&self) -> OwnerRef {
        match &self.held {
            Held::Global(inner) => OwnerRef::Global(*inner),
            Held::Shared(inner) => OwnerRef::Shared(Arc::<Inner>::clone(inner)),
        }
    }

    /// The supervisor that a context knows. The global one is never what a context brings along.
    pub(crate) fn of_owner(owner: &OwnerRef) -> Option<Self> {
        match owner {
            OwnerRef::Global(_) => None,
            OwnerRef::Shared(owner) => {
                Some(Self { held: Held::Shared(Arc::clone(owner).as_any().downcast::<Inner>().ok()?) })
            }
        }
    }

    pub(crate) fn is_global(&self) -> bool {
        matches!(self.held, Held::Global(_))
    }

    /// The limiter of a function with a `limit`.
    #[inline]
    pub(crate) fn limiter(&self, function: &'static Function) -> Result<Option<Arc<Limiter>>, Reason> {
        match function.options.limit {
            Some(limit) => self.limiter_of(function, limit).map(Some),
            None => Ok(None),
        }
    }

    fn limiter_of(&self, function: &'static Function, limit: Limit) -> Result<Arc<Limiter>, Reason> {
        let known = self.inner().limiters.read().unwrap_or_else(PoisonError::into_inner).get(function).cloned();
        let limiter = match known {
            Some(limiter) => limiter,
            None => self.add_limiter(function, limit)?,
        };
        if limiter.is_closed() && function.limit_of.is_some() { Err(Reason::ZeroLimit) } else { Ok(limiter) }
    }

    /// The expression is the user's, and no lock is held while it is asked: two first calls may both ask, and one is right.
    #[cold]
    fn add_limiter(&self, function: &'static Function, mut limit: Limit) -> Result<Arc<Limiter>, Reason> {
        if let Some(running) = function.limit_of {
            limit.running = panics::catch(running).map_err(|_| Reason::LimitPanicked)?;
        }
        let mut limiters = self.inner().limiters.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(limiters.entry(function).or_insert_with(|| Arc::new(Limiter::new(limit)))))
    }
}

fn now_in(runtime: &Handle) -> Instant {
    // Nothing can be entered on a thread that is being torn down.
    let is_torn_down = Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed());
    let _entered = (!is_torn_down).then(|| runtime.enter());
    now()
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor").field("live", &self.live()).field("draining", &self.is_draining()).finish()
    }
}

impl Inner {
    #[inline]
    pub(super) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Acquire)
    }

    pub(super) fn cancel_task(&self, key: TaskKey, cause: Cause) {
        self.roster.stop(key, Stop::Cancelled(Arc::new(cause)));
    }

    pub(super) fn is_live(&self, key: TaskKey) -> bool {
        self.roster.is_live(key)
    }
}

#[cfg(feature = "tower")]
impl Supervisor {
    /// The last calls that went wrong, once a page wants to show them.
    #[inline]
    pub(crate) fn mishaps(&self) -> &Mishaps {
        &self.inner().mishaps
    }
}
