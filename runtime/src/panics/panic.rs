//! What is told of a panic.

use std::fmt;

use crate::line::on_one_line;

/// A panic that was caught at the task's boundary: what it said, and where. `Display` keeps it on one line: a control character
/// stands as its escape.
///
/// ```
/// # use detached::{Observer, Outcome, TaskInfo};
/// # struct Pager;
/// # impl Observer for Pager {
/// fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
///     if let Outcome::Panicked(panic) = outcome {
///         println!("{} panicked: {} at {:?}", task.name(), panic.message(), panic.location());
///     }
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    message: String,
    location: Option<String>,
}

impl Panic {
    pub(crate) fn new(message: String, location: Option<String>) -> Self {
        Self { message, location }
    }

    /// What the panic said; a note of the payload's kind where that is no text.
    ///
    /// ```
    /// # use detached::Panic;
    /// fn title(panic: &Panic) -> &str { panic.message() }
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The panic's own place, as `file:line:column`. `None` when it ran no panic hook, as `resume_unwind` of a panic that
    /// came from elsewhere does not; when the program has replaced the panic hook since; and when it cannot be told from
    /// another panic that the body swallowed.
    ///
    /// ```
    /// # use detached::Panic;
    /// fn place(panic: &Panic) -> &str { panic.location().unwrap_or("unknown") }
    /// ```
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = on_one_line(&self.message);
        match &self.location {
            Some(location) => write!(f, "{message} at {location}"),
            None => f.write_str(&message),
        }
    }
}
