//! What describes a background function: one `'static` value, whatever runs it.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use std::time::Duration;

/// A background function: its name, its place, its options.
pub struct Function {
    pub(crate) name: &'static str,
    pub(crate) module: &'static str,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) options: Options,
    /// What gives the number of a limit that is an expression, asked once by each supervisor.
    pub(crate) limit_of: Option<fn() -> usize>,
    /// What `telemetry` keeps of the function; made at the first call, when the names of all carriers are known.
    pub(crate) telemetry: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// The options of a background function, with the attribute's defaults. They are put together before the function is made of
/// them: it has something to drop, and each call that such a value is moved through takes the compiler of every user's function long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) inherit: &'static [Name],
    pub(crate) grace: Duration,
    pub(crate) level: Level,
    /// Unset: as the supervisor says.
    pub(crate) trace: Option<Trace>,
    pub(crate) follow_origin: bool,
    pub(crate) cancel_at_shutdown: bool,
    pub(crate) limit: Option<Limit>,
}

impl Options {
    pub(crate) const DEFAULT: Self = Self {
        timeout: None,
        inherit: &[],
        grace: Duration::ZERO,
        level: Level::Error,
        trace: None,
        follow_origin: false,
        cancel_at_shutdown: false,
        limit: None,
    };

    /// `timeout = "…"`.
    #[must_use]
    pub const fn timeout(mut self, bound: Duration) -> Self {
        self.timeout = Some(bound);
        self
    }

    /// The names listed in `inherit`.
    #[must_use]
    pub const fn inherit(mut self, names: &'static [Name]) -> Self {
        self.inherit = names;
        self
    }

    /// `grace = "…"`.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// `level = "…"`.
    #[must_use]
    pub const fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// `trace = "…"`.
    #[must_use]
    pub const fn trace(mut self, trace: Trace) -> Self {
        self.trace = Some(trace);
        self
    }

    /// `origin = "follow"`.
    #[must_use]
    pub const fn follow_origin(mut self) -> Self {
        self.follow_origin = true;
        self
    }

    /// `shutdown = "cancel"`.
    #[must_use]
    pub const fn cancel_at_shutdown(mut self) -> Self {
        self.cancel_at_shutdown = true;
        self
    }

    /// `limit = …`.
    #[must_use]
    pub const fn limit(mut self, running: usize) -> Self {
        self.limit = Some(Limit::new(running));
        self
    }

    /// `limit = …` of an expression, which [`Function::limit_by`] says.
    #[must_use]
    pub const fn limited(self) -> Self {
        self.limit(usize::MAX)
    }

    /// `overflow = "…"`, after `limit`.
    #[must_use]
    pub const fn overflow(mut self, overflow: Overflow) -> Self {
        if let Some(limit) = &mut self.limit {
            limit.overflow = overflow;
        }
        self
    }

    /// `queue = …`, after `limit`.
    #[must_use]
    pub const fn queue(mut self, waiting: usize) -> Self {
        if let Some(limit) = &mut self.limit {
            limit.queue = waiting;
        }
        self
    }

    /// `start_timeout = "…"`, after `limit`.
    #[must_use]
    pub const fn start_timeout(mut self, bound: Duration) -> Self {
        if let Some(limit) = &mut self.limit {
            limit.start_timeout = Some(bound);
        }
        self
    }

    /// The function that has these options.
    #[must_use]
    pub const fn of(self, site: Site) -> Function {
        let Site { name, module, file, line } = site;
        Function { name, module, file, line, options: self, limit_of: None, telemetry: OnceLock::new() }
    }
}

/// Where a function is, and what it is called.
#[derive(Clone, Copy)]
pub struct Site {
    /// What spans, events and lists call it.
    pub name: &'static str,
    /// Of [`module_path`].
    pub module: &'static str,
    /// Of [`file`].
    pub file: &'static str,
    /// Of [`line`].
    pub line: u32,
}

/// How many tasks of a function may run at once, and what becomes of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Limit {
    pub(crate) running: usize,
    pub(crate) overflow: Overflow,
    pub(crate) queue: usize,
    pub(crate) start_timeout: Option<Duration>,
}

impl Limit {
    pub(crate) const fn new(running: usize) -> Self {
        Self { running, overflow: Overflow::Reject, queue: 1024, start_timeout: None }
    }
}

/// The name of a value to inherit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub(crate) text: &'static str,
    pub(crate) required: bool,
}

impl Name {
    /// Without the value the call is rejected.
    #[must_use]
    pub const fn required(text: &'static str) -> Self {
        Self { text, required: true }
    }

    /// Without the value the task runs without it.
    #[must_use]
    pub const fn optional(text: &'static str) -> Self {
        Self { text, required: false }
    }
}

/// The level of the event of a task that failed or timed out; or that of the tasks' spans
/// ([`span_level`](crate::SupervisorBuilder::span_level)).
///
/// ```
/// use detached::Level;
///
/// let task = detached::task("refresh").level(Level::Warn);
/// # drop(task);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// The default of events.
    Error,
    /// For failures that are expected now and then.
    Warn,
    /// For failures that are part of the normal course. The default of spans.
    Info,
    /// For failures nobody needs to see.
    Debug,
}

/// How a task's span relates to the caller's.
///
/// ```
/// use detached::Trace;
///
/// let task = detached::task("refresh").trace(Trace::Child);
/// # drop(task);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trace {
    /// No parent, and a `follows_from` the caller's span, which closes on time. The default, unless the
    /// [supervisor](crate::SupervisorBuilder::trace) has another.
    Link,
    /// The caller's span is the parent. It stays open in the subscriber's eyes until the task's span closes.
    Child,
    /// No parent and no link.
    None,
}

/// What becomes of a call when the function's limit is reached.
///
/// ```
/// use detached::Overflow;
///
/// let task = detached::task("refresh").limit(1).overflow(Overflow::Wait);
/// # drop(task);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// The call is rejected. The default.
    Reject,
    /// The task waits for its turn; the caller does not.
    Wait,
    /// The task waits, and where the queue is full the longest-waiting one is rejected in its stead.
    DropOldest,
}

impl Function {
    /// `limit = …` of an expression.
    #[must_use]
    pub const fn limit_by(mut self, running: fn() -> usize) -> Self {
        self.limit_of = Some(running);
        self
    }

    /// Whether its tasks live as long as the process: nobody waits for them, and a drain cancels them at once.
    #[inline]
    pub(crate) fn is_resident(&self) -> bool {
        self.options.cancel_at_shutdown
    }
}

/// One function is itself, however alike another is.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self, state);
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.module, self.name)
    }
}
