//! The same run without the macro, for a closure or a future made on the spot.

use std::any::type_name;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::call::Call;
use super::handle::Task;
use crate::context::{Context, Inherit};
use crate::function::{Function, Level, Limit, Options, Overflow, Site, Trace};
use crate::outcome::Failure;
use crate::panics;
use crate::supervisor::Supervisor;

/// Begins a task without the attribute, for a future made on the spot.
///
/// It runs as the task of a background function named `name` does: the options are the attribute's, and the same code
/// runs it. A bound is required: [`timeout`](TaskBuilder::timeout), or [`no_timeout`](TaskBuilder::no_timeout).
/// Its span and its event have the target `detached`, since the module of the caller is not known:
/// [`target`](TaskBuilder::target) tells it.
///
/// The place of the call is the function: its tasks are counted together and share a [`limit`](TaskBuilder::limit). What
/// describes it is kept as long as the process, once for each set of options there, so options other than the timeout
/// should not be computed anew at each call.
///
/// ```
/// use std::time::Duration;
///
/// use detached::{Context, Key};
///
/// static USER_ID: Key<u64> = Key::new("user_id");
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let request = Context::new().with(USER_ID, 7);
/// let task = request.scope(async {
///     detached::task("warm cache").timeout(Duration::from_secs(5)).inherit(&USER_ID).spawn(async move {
///         println!("warming for {}", USER_ID.get());
///     })
/// });
/// task.await.await.unwrap();
/// # }
/// ```
#[track_caller]
pub fn task(name: &'static str) -> TaskBuilder {
    TaskBuilder::at(name, Location::caller())
}

/// Whether a [`TaskBuilder`] was told its bound: it was not.
#[derive(Debug)]
pub enum Unbounded {}

/// Whether a [`TaskBuilder`] was told its bound: it was.
#[derive(Debug)]
pub enum Bounded {}

/// The state of a [`TaskBuilder`] that can spawn: it was told its bound, or that there is none.
///
/// ```
/// # use std::time::Duration;
/// use detached::{HasBound, TaskBuilder};
///
/// fn start<State: HasBound>(task: TaskBuilder<State>) -> detached::Task<()> {
///     task.spawn(async {})
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(start(detached::task("refresh").timeout(Duration::from_secs(5))).await, Ok(()));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a task needs a bound: call `.timeout(..)` or `.no_timeout()`",
    label = "`timeout` is missing before this"
)]
pub trait HasBound {}

impl HasBound for Bounded {}

/// A task in the making; see [`task`].
///
/// ```
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let sum = detached::task("sum").timeout(Duration::from_secs(5)).spawn(async { Ok::<_, std::fmt::Error>(1 + 1) });
/// assert_eq!(sum.await, Ok(Ok(2)));
/// # }
/// ```
#[must_use = "nothing starts until `spawn`"]
pub struct TaskBuilder<State = Unbounded> {
    name: &'static str,
    target: &'static str,
    caller: &'static Location<'static>,
    options: Options,
    inherit: Vec<&'static dyn Carrier>,
    limit: Limit,
    bound: Option<Duration>,
    origin: Option<Context>,
    supervisor: Option<Supervisor>,
    state: PhantomData<State>,
}

impl TaskBuilder<Unbounded> {
    /// A task that counts as called at `caller`.
    pub(crate) fn at(name: &'static str, caller: &'static Location<'static>) -> Self {
        Self {
            name,
            target: "detached",
            caller,
            options: Options::DEFAULT,
            inherit: Vec::new(),
            limit: Limit::new(usize::MAX),
            bound: None,
            origin: None,
            supervisor: None,
            state: PhantomData,
        }
    }

    /// The bound, counted from the call; with a [`limit`](Self::limit), from the turn. A task whose bound is over before its
    /// first poll never starts. Zero rejects the task.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let task = detached::task("refresh").timeout(Duration::from_secs(5));
    /// ```
    pub fn timeout(self, bound: Duration) -> TaskBuilder<Bounded> {
        self.bounded(Some(bound))
    }

    /// Waives the bound: the task runs until it ends, is cancelled, or the supervisor's drain cuts it off.
    ///
    /// ```
    /// let task = detached::task("watch the queue").no_timeout();
    /// ```
    pub fn no_timeout(self) -> TaskBuilder<Bounded> {
        self.bounded(None)
    }

    fn bounded(self, bound: Option<Duration>) -> TaskBuilder<Bounded> {
        let Self { name, target, caller, options, inherit, limit, bound: _, origin, supervisor, state: _ } = self;
        TaskBuilder { name, target, caller, options, inherit, limit, bound, origin, supervisor, state: PhantomData }
    }
}

impl<State> TaskBuilder<State> {
    /// The target of the task's span and event, which filters select by; it is also what lists and reports show as
    /// its module. `module_path!()` makes them those of a background function written here; by default `detached`.
    ///
    /// ```
    /// let task = detached::task("refresh").target(module_path!());
    /// ```
    pub fn target(mut self, target: &'static str) -> Self {
        self.target = target;
        self
    }

    /// Inherits by a carrier, as a function that lists it: a key, a group, a `tokio::task_local!`, a name. Once for
    /// each.
    ///
    /// A name that ends in `?` may be absent; of a key, [`Optional`](crate::Optional) says so.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use detached::{Context, Key};
    ///
    /// static USER_ID: Key<u64> = Key::new("user_id");
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let request = Context::new().with(USER_ID, 7);
    /// let task = detached::task("refresh").timeout(Duration::from_secs(5)).context(&request);
    /// let user = task.inherit(&USER_ID).inherit(&"tenant?").spawn(async { Ok::<_, std::fmt::Error>(USER_ID.get()) });
    /// assert_eq!(user.await, Ok(Ok(7)));
    /// # }
    /// ```
    pub fn inherit(mut self, carrier: &'static impl Inherit) -> Self {
        self.inherit.push(carrier);
        self
    }

    /// How long the body has, after a timeout or a cancellation, to end by itself; zero by default.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let task = detached::task("refresh").grace(Duration::from_secs(1));
    /// ```
    pub fn grace(mut self, grace: Duration) -> Self {
        self.options.grace = grace;
        self
    }

    /// The level of the event when the task fails or times out; [`Level::Error`] by default.
    ///
    /// ```
    /// let task = detached::task("refresh").level(detached::Level::Warn);
    /// ```
    pub fn level(mut self, level: Level) -> Self {
        self.options.level = level;
        self
    }

    /// How the task's span relates to the caller's; by default as the supervisor says, else [`Trace::Link`].
    ///
    /// ```
    /// let task = detached::task("refresh").trace(detached::Trace::Child);
    /// ```
    pub fn trace(mut self, trace: Trace) -> Self {
        self.options.trace = Some(trace);
        self
    }

    /// Cancels the task when its origin is cancelled.
    ///
    /// ```
    /// let task = detached::task("refresh").follow_origin();
    /// ```
    pub fn follow_origin(mut self) -> Self {
        self.options.follow_origin = true;
        self
    }

    /// Cancels the task at once when a drain begins, and has nobody else wait for it: it is a resident.
    ///
    /// ```
    /// let task = detached::task("refresh").cancel_at_shutdown();
    /// ```
    pub fn cancel_at_shutdown(mut self) -> Self {
        self.options.cancel_at_shutdown = true;
        self
    }

    /// How many tasks of this place may run at once; zero rejects all.
    ///
    /// ```
    /// let task = detached::task("refresh").limit(4);
    /// ```
    pub fn limit(mut self, running: usize) -> Self {
        self.limit.running = running;
        self.limited()
    }

    /// What becomes of the task at the limit; [`Overflow::Reject`] by default.
    ///
    /// ```
    /// let task = detached::task("refresh").limit(4).overflow(detached::Overflow::Wait);
    /// ```
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.limit.overflow = overflow;
        self.limited()
    }

    /// How many tasks may wait at the limit; 1024 by default.
    ///
    /// ```
    /// let task = detached::task("refresh").limit(4).overflow(detached::Overflow::Wait).queue(16);
    /// ```
    pub fn queue(mut self, waiting: usize) -> Self {
        self.limit.queue = waiting;
        self.limited()
    }

    /// How long the task may wait at the limit; without end by default.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use detached::Overflow;
    /// let task = detached::task("refresh").limit(4).overflow(Overflow::Wait).start_timeout(Duration::from_secs(1));
    /// ```
    pub fn start_timeout(mut self, bound: Duration) -> Self {
        self.limit.start_timeout = Some(bound);
        self.limited()
    }

    fn limited(mut self) -> Self {
        self.options.limit = Some(self.limit);
        self
    }

    /// The context the task is called in, instead of the current one.
    ///
    /// ```
    /// let request = detached::Context::new().with("user_id", 7_u64);
    /// let task = detached::task("refresh").context(&request);
    /// ```
    pub fn context(mut self, origin: &Context) -> Self {
        self.origin = Some(origin.clone());
        self
    }

    /// The supervisor the task belongs to, instead of the current one.
    ///
    /// ```
    /// let supervisor = detached::Supervisor::new();
    /// let task = detached::task("refresh").supervisor(&supervisor);
    /// ```
    pub fn supervisor(mut self, supervisor: &Supervisor) -> Self {
        self.supervisor = Some(supervisor.clone());
        self
    }
}

/// Starts it. A bound has to be told before, or waived.
impl<State> TaskBuilder<State> {
    /// Starts the task and returns at once; as a call of a background function, it never blocks and never panics.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let task = detached::task("refresh").timeout(Duration::from_secs(5)).spawn(async {});
    /// assert_eq!(task.await, Ok(()));
    /// # }
    /// ```
    pub fn spawn<F>(self, future: F) -> Task<F::Output>
    where
        State: HasBound,
        F: Future + Send + 'static,
        F::Output: Returns + Send + 'static,
    {
        self.call().spawn(F::Output::failure, future)
    }

    /// Starts a task that calls `make` and awaits the future it gives, as [`spawn`](Self::spawn) does.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let task = detached::task("refresh").timeout(Duration::from_secs(5)).spawn_with(|| async {});
    /// assert_eq!(task.await, Ok(()));
    /// # }
    /// ```
    pub fn spawn_with<M, F>(self, make: M) -> Task<F::Output>
    where
        State: HasBound,
        M: FnOnce() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Returns + Send + 'static,
    {
        self.spawn(async move { make().await })
    }

    fn call(self) -> Call {
        let function = function(self.name, self.target, self.caller, self.options, names(&self.inherit));
        let mut call = Call::at(function, self.caller, self.origin.as_ref(), self.supervisor.as_ref());
        for carrier in self.inherit {
            carrier.capture_into(&mut call);
        }
        match self.bound {
            Some(bound) => call.timeout(bound),
            None => call,
        }
    }
}

/// A carrier of any type.
trait Carrier: Sync {
    fn each_name(&'static self, each: &mut dyn FnMut(&'static str));
    fn capture_into(&'static self, call: &mut Call);
}

impl<K: Inherit> Carrier for K {
    fn each_name(&'static self, each: &mut dyn FnMut(&'static str)) {
        self.names(each);
    }

    fn capture_into(&'static self, call: &mut Call) {
        call.capture(type_name::<K>(), self);
    }
}

fn names(carriers: &[&'static dyn Carrier]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for carrier in carriers {
        // One that panics does so when it is captured, too, and that rejects the call.
        let _ = panics::catch(|| carrier.each_name(&mut |name| names.push(name)));
    }
    names
}

impl<State> fmt::Debug for TaskBuilder<State> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskBuilder").field("name", &self.name).field("timeout", &self.bound).finish_non_exhaustive()
    }
}

/// What a future given to [`TaskBuilder::spawn`] may return: `()`, or a `Result` whose error has a `Display`.
///
/// The attribute takes any type. A generic function cannot see more of one than its bounds say, so here they say it.
///
/// ```
/// # use std::time::Duration;
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let task = detached::task("save").timeout(Duration::from_secs(5)).spawn(async {
///     Err::<(), _>("disk full") // reported as a failure
/// });
/// assert_eq!(task.await, Ok(Err("disk full")));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a task made with `detached::task` cannot return `{Self}`",
    label = "returns `{Self}`",
    note = "return `()`, or a `Result` whose error implements `Display`"
)]
pub trait Returns: Sized {
    /// The error that is to be reported, if it is one.
    #[doc(hidden)]
    fn failure(&self) -> Option<Failure<'_>>;
}

impl Returns for () {
    fn failure(&self) -> Option<Failure<'_>> {
        None
    }
}

impl<T, E: fmt::Display> Returns for Result<T, E> {
    fn failure(&self) -> Option<Failure<'_>> {
        self.as_ref().err().map(|error| Failure::of_display(error))
    }
}

/// A place of call with its options and the names of what it inherits: one function each, kept as long as the process, as
/// a `static` is.
type Place = (&'static str, &'static str, &'static Location<'static>, Options, Vec<&'static str>);

fn function(
    name: &'static str,
    target: &'static str,
    caller: &'static Location<'static>,
    options: Options,
    names: Vec<&'static str>,
) -> &'static Function {
    static FUNCTIONS: OnceLock<Mutex<HashMap<Place, &'static Function>>> = OnceLock::new();
    let mut functions = FUNCTIONS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    functions.entry((name, target, caller, options, names)).or_insert_with(|| {
        let site = Site { name, module: target, file: caller.file(), line: caller.line() };
        Box::leak(Box::new(options.of(site)))
    })
}
