//! The registry: which functions a worker runs, and what it gives them.

use std::collections::HashMap;
use std::fmt;

use super::description::{Description, Durable};
use super::state::States;

/// The functions that a worker runs, by their names, and the states that it gives them, by their types.
///
/// Nothing registers itself: what is not named here is not run here.
///
/// ```
/// # use detached::{background, durable::{Envelope, Executed, Registry}};
/// # #[derive(Clone)] struct Mailer;
/// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String, #[state] mailer: Mailer) {}
/// let mut registry = Registry::new();
/// registry.register::<send_welcome>().unwrap();
/// registry.state(Mailer);
/// assert!(registry.check().is_ok());
/// ```
#[derive(Default)]
pub struct Registry {
    /// By name and by each alias.
    by_name: HashMap<String, &'static Description>,
    functions: Vec<&'static Description>,
    pub(super) states: States,
}

impl Registry {
    /// One that runs nothing.
    ///
    /// ```
    /// assert_eq!(detached::durable::Registry::new().functions().count(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function, by the type that has its name.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Doubled`] when another function has its name, or one of its aliases. It is left out then.
    ///
    /// ```
    /// # use detached::{background, durable::{Envelope, Executed, Registry}};
    /// # #[derive(Clone)] struct Mailer;
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String, #[state] mailer: Mailer) {}
    /// let mut registry = Registry::new();
    /// registry.register::<send_welcome>().expect("no other has its name");
    /// ```
    pub fn register<F: Durable>(&mut self) -> Result<(), RegisterError> {
        let added = F::description();
        if self.functions.iter().any(|known| std::ptr::eq(*known, added)) {
            return Ok(());
        }
        let names = || [added.name()].into_iter().chain(added.aliases().iter().map(ToString::to_string));
        if let Some(name) = names().find(|name| self.by_name.contains_key(name)) {
            return Err(RegisterError::Doubled { name });
        }
        self.by_name.extend(names().map(|name| (name, added)));
        self.functions.push(added);
        Ok(())
    }

    /// Adds what the `#[state]` parameters of that type are given: a clone for each run. One of the same type is replaced.
    ///
    /// ```
    /// # use detached::{background, durable::{Envelope, Executed, Registry}};
    /// # #[derive(Clone)] struct Mailer;
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String, #[state] mailer: Mailer) {}
    /// let mut registry = Registry::new();
    /// registry.state(Mailer);
    /// ```
    pub fn state<T: Clone + Send + Sync + 'static>(&mut self, state: T) {
        self.states.insert(state);
    }

    /// Whether there is a state for each `#[state]` parameter.
    ///
    /// # Errors
    ///
    /// [`RegisterError::NoState`], for the first that has none.
    ///
    /// ```
    /// # use detached::{background, durable::{Envelope, Executed, Registry}};
    /// # #[derive(Clone)] struct Mailer;
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String, #[state] mailer: Mailer) {}
    /// let mut registry = Registry::new();
    /// registry.register::<send_welcome>().unwrap();
    /// println!("{}", registry.check().unwrap_err()); // `shop::send_welcome` needs a state of the type `shop::Mailer`, ..
    /// ```
    pub fn check(&self) -> Result<(), RegisterError> {
        for function in &self.functions {
            if let Some(missing) = function.states.iter().find(|state| !self.states.has(**state)) {
                return Err(RegisterError::NoState { function: function.name(), state: missing.name() });
            }
        }
        Ok(())
    }

    /// The functions, in the order in which they were added.
    ///
    /// ```
    /// # use detached::{background, durable::{Envelope, Executed, Registry}};
    /// # #[derive(Clone)] struct Mailer;
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String, #[state] mailer: Mailer) {}
    /// let mut registry = Registry::new();
    /// registry.register::<send_welcome>().unwrap();
    /// let queues: Vec<_> = registry.functions().map(|function| function.queue()).collect();
    /// assert_eq!(queues, ["mail"]);
    /// ```
    pub fn functions(&self) -> impl Iterator<Item = &'static Description> {
        self.functions.iter().copied()
    }

    /// The function of that name or alias.
    ///
    /// ```
    /// assert!(detached::durable::Registry::new().find("shop::send_welcome").is_none());
    /// ```
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Description> {
        self.by_name.get(name).copied()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("functions", &self.functions)
            .field("states", &self.states.len())
            .finish_non_exhaustive()
    }
}

/// Why a worker cannot run what it was told to.
///
/// ```
/// use detached::durable::RegisterError;
/// let error = RegisterError::NoState { function: "shop::send_welcome".to_owned(), state: "shop::Mailer" };
/// assert_eq!(
///     error.to_string(),
///     "`shop::send_welcome` needs a state of the type `shop::Mailer`, and the worker was given none"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegisterError {
    /// Two functions of one name, or with one alias: nobody could say whose calls are stored under it.
    Doubled {
        /// The name.
        name: String,
    },
    /// A function has a `#[state]` parameter of a type that the worker was not given.
    NoState {
        /// The name of the function.
        function: String,
        /// The type, as [`std::any::type_name`] gives it.
        state: &'static str,
    },
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doubled { name } => {
                write!(f, "two durable functions have the name `{name}`; give one of them another by the option `name`")
            }
            Self::NoState { function, state } => {
                write!(f, "`{function}` needs a state of the type `{state}`, and the worker was given none")
            }
        }
    }
}

impl std::error::Error for RegisterError {}
