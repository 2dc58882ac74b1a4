//! `Description`: what a worker has to know of a durable function, in one `'static` value.

use std::fmt;
use std::time::Duration;

use super::backoff::Backoff;
use super::run::{Run, Started};
use super::state::StateType;
use crate::function::Function;

/// A durable function, as a worker knows it.
///
/// The attribute implements it for a type of the function's own name, which is how
/// [`register::<send_welcome>()`](super::Registry::register) finds it.
///
/// ```
/// use detached::{background, durable::Durable};
///
/// #[background(durable = "mail", timeout = "30s")]
/// async fn send_welcome(to: String) {}
///
/// assert_eq!(send_welcome::description().queue(), "mail");
/// ```
pub trait Durable: 'static {
    /// What the attribute says of the function.
    fn description() -> &'static Description;

    /// Reads the arguments, and starts the body.
    #[doc(hidden)]
    fn run(run: Run<'_>) -> Started;
}

/// What a worker has to know of a durable function: its names, its queue, and how often it is to be tried.
///
/// ```
/// use detached::{background, durable::Durable};
///
/// #[background(durable = "mail", timeout = "30s")]
/// async fn send_welcome(to: String) {}
///
/// println!("{:?}", send_welcome::description());
/// ```
pub struct Description {
    pub(super) function: &'static Function,
    pub(super) run: fn(Run<'_>) -> Started,
    pub(super) states: &'static [StateType],
    queue: &'static str,
    aliases: &'static [&'static str],
    has_own_name: bool,
    attempts: u32,
    crashes: u32,
    backoff: Backoff,
}

impl Description {
    /// With every option at its default.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(function: &'static Function, queue: &'static str, run: fn(Run<'_>) -> Started) -> Self {
        Self {
            function,
            run,
            states: &[],
            queue,
            aliases: &[],
            has_own_name: false,
            attempts: 5,
            crashes: 10,
            backoff: Backoff::DEFAULT,
        }
    }

    /// `name = "…"`: the name is to be taken as it is.
    #[doc(hidden)]
    #[must_use]
    pub const fn named(mut self) -> Self {
        self.has_own_name = true;
        self
    }

    /// `alias = "…"`.
    #[doc(hidden)]
    #[must_use]
    pub const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// `attempts = …`.
    #[doc(hidden)]
    #[must_use]
    pub const fn attempts_at_most(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// `crashes = …`.
    #[doc(hidden)]
    #[must_use]
    pub const fn crashes_at_most(mut self, crashes: u32) -> Self {
        self.crashes = crashes;
        self
    }

    /// `backoff = "…"`.
    #[doc(hidden)]
    #[must_use]
    pub const fn pause(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// The types of the `#[state]` parameters.
    #[doc(hidden)]
    #[must_use]
    pub const fn needs(mut self, states: &'static [StateType]) -> Self {
        self.states = states;
        self
    }

    /// The name that calls are stored under: the crate's and the function's, as in `shop::send_welcome`, or what the
    /// option `name` says. The module is left out, so that a function may move.
    ///
    /// ```
    /// # use detached::{background, durable::Durable};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// assert!(send_welcome::description().name().ends_with("::send_welcome"));
    /// ```
    #[must_use]
    pub fn name(&self) -> String {
        let Function { name, module, .. } = *self.function;
        if self.has_own_name {
            return name.to_owned();
        }
        let of_crate = module.split("::").next().unwrap_or(module);
        format!("{of_crate}::{name}")
    }

    /// The names it had before: calls that were stored under them are its own.
    ///
    /// ```
    /// # use detached::{background, durable::Durable};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// assert!(send_welcome::description().aliases().is_empty());
    /// ```
    #[must_use]
    pub fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    /// The queue that its calls are stored in.
    ///
    /// ```
    /// # use detached::{background, durable::Durable};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// assert_eq!(send_welcome::description().queue(), "mail");
    /// ```
    #[must_use]
    pub fn queue(&self) -> &'static str {
        self.queue
    }

    /// How often it is tried before it is given up; 5 by default.
    ///
    /// ```
    /// # use detached::{background, durable::Durable};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// assert_eq!(send_welcome::description().attempts(), 5);
    /// ```
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How often a worker may die while it runs one call before that is given up; 10 by default.
    ///
    /// ```
    /// # use detached::{background, durable::Durable};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// assert_eq!(send_welcome::description().crashes(), 10);
    /// ```
    #[must_use]
    pub fn crashes(&self) -> u32 {
        self.crashes
    }

    /// The pause between two attempts.
    ///
    /// ```
    /// # use detached::{background, durable::Durable};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// assert_eq!(send_welcome::description().backoff(), detached::durable::Backoff::DEFAULT);
    /// ```
    #[must_use]
    pub fn backoff(&self) -> Backoff {
        self.backoff
    }

    /// The bound of each attempt, counted from its start; `None` without one, or where it is known only then.
    ///
    /// ```
    /// # use detached::{background, durable::Durable};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// assert_eq!(send_welcome::description().timeout(), Some(std::time::Duration::from_secs(30)));
    /// ```
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.function.options.timeout
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Description")
            .field("name", &self.name())
            .field("aliases", &self.aliases)
            .field("queue", &self.queue)
            .field("attempts", &self.attempts)
            .field("crashes", &self.crashes)
            .field("timeout", &self.timeout())
            .field("backoff", &self.backoff)
            .field("states", &self.states)
            .finish_non_exhaustive()
    }
}
