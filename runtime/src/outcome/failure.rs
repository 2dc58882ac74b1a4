//! `Failure`: the error that a body returned, in the best form its type allows.

use std::error::Error;
use std::fmt;

use super::error_text::{self, ErrorText};
use crate::shown::Contained;

/// The error a body returned, in the best form its type allows.
///
/// The form is picked at compile time: an [`Error`] with its source chain, what derefs to one (`anyhow`, `eyre`,
/// `Box<dyn Error>`), `Display`, `Debug`, or the type's name. `Display` shows the error in that form.
///
/// ```
/// use detached::{Observer, Outcome, TaskInfo};
///
/// struct ToSentry;
///
/// impl Observer for ToSentry {
///     fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
///         if let Outcome::Failed(failure) = outcome {
///             match failure.as_error() {
///                 Some(error) => println!("capture {error} with its sources, from {}", task.name()),
///                 None => println!("capture the text {failure}, from {}", task.name()),
///             }
///         }
///     }
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Failure<'a>(Form<'a>);

#[derive(Clone, Copy)]
enum Form<'a> {
    Error(&'a (dyn Error + 'static)),
    Display(&'a dyn fmt::Display),
    Debug(&'a dyn fmt::Debug),
    TypeName(&'static str),
}

impl<'a> Failure<'a> {
    pub(crate) fn of_error(error: &'a (dyn Error + 'static)) -> Self {
        Self(Form::Error(error))
    }

    pub(crate) fn of_display(error: &'a dyn fmt::Display) -> Self {
        Self(Form::Display(error))
    }

    pub(crate) fn of_debug(error: &'a dyn fmt::Debug) -> Self {
        Self(Form::Debug(error))
    }

    pub(crate) fn of_type(name: &'static str) -> Self {
        Self(Form::TypeName(name))
    }

    /// The error itself, where its type is an [`Error`] or derefs to one. It shows itself as it pleases; what `Display` and
    /// [`chain`](Self::chain) show of it is contained, bounded and on one line.
    ///
    /// ```
    /// # use detached::Failure;
    /// fn code(failure: &Failure<'_>) -> Option<i32> {
    ///     failure.as_error()?.downcast_ref::<std::io::Error>()?.raw_os_error()
    /// }
    /// ```
    #[must_use]
    pub fn as_error(&self) -> Option<&'a (dyn Error + 'static)> {
        match self.0 {
            Form::Error(error) => Some(error),
            _ => None,
        }
    }

    /// The error with its sources on one line: `could not save: disk full`.
    ///
    /// As in all that this crate shows, a control character stands as its escape. At most 32 sources are followed, since they
    /// may lead back to the error, and of each text 16 KiB are told; `…` stands for the rest.
    ///
    /// ```
    /// # use detached::Failure;
    /// fn line(failure: &Failure<'_>) -> String {
    ///     failure.chain()
    /// }
    /// ```
    #[must_use]
    pub fn chain(&self) -> String {
        match self.as_error() {
            Some(error) => error_text::chain(error),
            None => self.to_string(),
        }
    }

    /// Whether [`chain`](Self::chain) says more than the error itself.
    pub(crate) fn has_source(&self) -> bool {
        self.as_error().is_some_and(error_text::has_source)
    }

    /// What a subscriber is told in the error's place, which would show it and its sources as they are; `None` where it may.
    pub(crate) fn stand_in(&self) -> Option<ErrorText> {
        ErrorText::of_unfit(self.as_error()?)
    }
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Contained(|f: &mut fmt::Formatter<'_>| match self.0 {
            Form::Error(error) => fmt::Display::fmt(error, f),
            Form::Display(error) => error.fmt(f),
            Form::Debug(error) => error.fmt(f),
            Form::TypeName(name) => f.write_str(name),
        });
        fmt::Display::fmt(&shown, f)
    }
}

impl fmt::Debug for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({self})")
    }
}
