//! How a supervisor is set up, and the global one.

use std::fmt;
use std::num::NonZero;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock, RwLock};
use std::thread::available_parallelism;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::last_words::LastWords;
use super::observer::Observer;
use super::spans::Spans;
#[cfg(feature = "durable")]
use super::supervisor::OpaqueStore;
use super::supervisor::{Held, Inner, Supervisor};
use crate::function::{Level, Trace};
use crate::panics;
use crate::roster::{Closures, Roster, Timers};

/// Set by the first call to [`Supervisor::global`] or by [`SupervisorBuilder::install`].
static GLOBAL: OnceLock<Inner> = OnceLock::new();

impl Supervisor {
    /// A supervisor with every setting at its default: at most 100 000 tasks, no observers, no runtime of its own, and spans at
    /// INFO that follow from their callers'.
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
        SupervisorBuilder {
            max_tasks: 100_000,
            observers: Vec::new(),
            runtime: None,
            spans: Spans::DEFAULT,
            #[cfg(feature = "durable")]
            store: None,
        }
    }

    /// The supervisor of all calls that are in no other one's scope. Made with the defaults when it is first needed,
    /// unless a program [installs](SupervisorBuilder::install) its own before.
    ///
    /// Where other threads set panic hooks, ask for it first in `main`; [`build`](SupervisorBuilder::build) says why.
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
        if GLOBAL.get().is_none() {
            await_hook();
        }
        Self::global_of_a_call()
    }

    /// The global one, for a call: it waits for nobody.
    pub(crate) fn global_of_a_call() -> Self {
        Self { held: Held::Global(GLOBAL.get_or_init(|| Self::builder().inner())) }
    }
}

/// Whoever makes a supervisor, other than by a call, may set a panic hook next. Ours is in place by then: of two threads
/// that exchange the hook at one time, one loses its own.
fn await_hook() {
    panics::extend_hook();
    panics::await_extension();
}

impl Supervisor {
    /// The global one, if there is one by now.
    pub(crate) fn try_global() -> Option<Self> {
        GLOBAL.get().map(|inner| Self { held: Held::Global(inner) })
    }
}

impl Default for Supervisor {
    /// As [`Supervisor::new`].
    fn default() -> Self {
        Self::new()
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
    runtime: Option<Handle>,
    spans: Spans,
    #[cfg(feature = "durable")]
    store: Option<OpaqueStore>,
}

impl SupervisorBuilder {
    /// How many tasks may be live at once, waiting ones included; 100 000 by default. A call beyond is rejected with
    /// [`Reason::SupervisorFull`](crate::Reason::SupervisorFull).
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

    /// The tokio runtime for all tasks of the supervisor: they run there, wherever they are called, inside of another
    /// runtime too. Without it a task runs in the runtime that its call is made in, and a call made outside of any is
    /// rejected with [`Reason::NoRuntime`](crate::Reason::NoRuntime).
    ///
    /// For a server that has a runtime for each worker, such as actix-web: those end with the server, before the drain,
    /// and take the tasks that run in them along ([`Cause::RuntimeStopped`](crate::Cause::RuntimeStopped)).
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let main = tokio::runtime::Handle::current();
    /// let supervisor = detached::Supervisor::builder().runtime(main).build();
    ///
    /// let worker = std::thread::spawn({
    ///     let supervisor = supervisor.clone();
    ///     move || {
    ///         let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    ///         runtime.block_on(supervisor.scope(async { drop(ping()) }));
    ///     }
    /// });
    /// worker.join().unwrap(); // and its runtime is gone
    /// let report = supervisor.drain(std::time::Duration::from_secs(10)).await;
    /// assert_eq!(report.completed.len(), 1);
    /// # }
    /// ```
    pub fn runtime(mut self, handle: Handle) -> Self {
        self.runtime = Some(handle);
        self
    }

    /// What durable functions are stored in; how is of no concern here.
    #[cfg(feature = "durable")]
    pub(crate) fn opaque_store(mut self, store: OpaqueStore) -> Self {
        self.store = Some(store);
        self
    }

    /// How the span of a task relates to its caller's, where the function does not say (`trace = "…"`); [`Trace::Link`]
    /// by default.
    ///
    /// Where traces are sampled by their parent, take [`Trace::Child`]: [the guide](crate::guide::telemetry#sampling) says
    /// why, and what it costs.
    ///
    /// ```
    /// use detached::{Supervisor, Trace};
    /// let supervisor = Supervisor::builder().trace(Trace::Child).build();
    /// ```
    pub fn trace(mut self, trace: Trace) -> Self {
        self.spans.trace = trace;
        self
    }

    /// The level of the tasks' spans; [`Level::Info`] by default.
    ///
    /// For a service whose filter is at `warn`: there a span at INFO is off, and a line of the body does not say
    /// whose task it is. At WARN it does.
    ///
    /// ```
    /// use detached::{Level, Supervisor};
    /// let supervisor = Supervisor::builder().span_level(Level::Warn).build();
    /// ```
    pub fn span_level(mut self, level: Level) -> Self {
        self.spans.level = level;
        self
    }

    /// Makes the supervisor.
    ///
    /// It also extends the process's panic hook, once, to note where a task's panic happened: the hook that was set
    /// before still runs, so a task's panic is printed by it as any other is, beside the event of the outcome. A hook that
    /// is set later and does not call the one before it leaves panics without their places.
    ///
    /// The hook is extended on a short-lived thread, because that waits as long as somebody's hook runs. This waits for that
    /// thread, half a second at most. A call that comes before any supervisor was made does not; the start of its
    /// task does.
    ///
    /// Stable Rust cannot exchange the hook in one step, so a hook that another thread sets at that very moment can be lost.
    /// A program whose threads set hooks makes its supervisor first in `main`: then ours is in place before theirs.
    ///
    /// ```
    /// let supervisor = detached::Supervisor::builder().build();
    /// ```
    #[must_use]
    pub fn build(self) -> Supervisor {
        await_hook();
        Supervisor { held: Held::Shared(Arc::new(self.inner())) }
    }

    fn inner(self) -> Inner {
        panics::extend_hook();
        // More shards than threads: two threads seldom meet in one.
        let threads = available_parallelism().map_or(4, NonZero::get);
        Inner {
            closures: Closures::default(),
            roster: Roster::new((4 * threads).next_power_of_two().min(64), self.max_tasks),
            timers: Timers::new(),
            observers: self.observers.into(),
            runtime: self.runtime,
            spans: self.spans,
            limiters: RwLock::default(),
            last_words: LastWords::default(),
            left: Notify::new(),
            is_draining: AtomicBool::new(false),
            draining: CancellationToken::new(),
            #[cfg(feature = "tower")]
            mishaps: super::mishaps::Mishaps::default(),
            #[cfg(feature = "durable")]
            store: self.store,
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
        await_hook();
        GLOBAL.set(self.inner()).map_err(|_| AlreadyInstalled(()))?;
        Ok(Supervisor::global())
    }
}

impl fmt::Debug for SupervisorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisorBuilder")
            .field("max_tasks", &self.max_tasks)
            .field("observers", &self.observers.len())
            .field("runtime", &self.runtime)
            .field("trace", &self.spans.trace)
            .field("span_level", &self.spans.level)
            .finish_non_exhaustive()
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
