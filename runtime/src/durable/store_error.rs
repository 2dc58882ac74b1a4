//! What can go wrong when a call is stored.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::outcome::Reason;

/// Why a call was not stored. Nothing of it will run.
///
/// ```
/// use detached::durable::StoreError;
/// assert_eq!(StoreError::unavailable("the disk is full").to_string(), "the store is not available: the disk is full");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The program installed no store, and the supervisor has none.
    NotInstalled,
    /// An argument or an inherited value cannot be written as JSON.
    NotSerializable {
        /// The name of the parameter or of the key.
        name: &'static str,
        /// What stood against it.
        error: String,
    },
    /// A job of the function has that key.
    Doubled {
        /// The key.
        key: String,
    },
    /// The call would have been rejected: a value that it has to inherit is not there, or is of another type. There is no event:
    /// whoever has this error logs it, or answers with it.
    Rejected(Reason),
    /// The store could not be reached, refused, or did not answer: in the last case the call may be stored all the same.
    Unavailable(Arc<dyn Error + Send + Sync>),
}

impl StoreError {
    /// For stores: what their database said.
    ///
    /// ```
    /// # use detached::durable::StoreError;
    /// let error = StoreError::unavailable(std::io::Error::other("connection refused"));
    /// ```
    #[must_use]
    pub fn unavailable(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(error.into().into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => {
                f.write_str("no store is installed; a program installs its own first thing in `main`")
            }
            Self::NotSerializable { name, error } => write!(f, "`{name}` cannot be stored: {error}"),
            Self::Doubled { key } => write!(f, "there is a job with the key `{key}` already"),
            Self::Rejected(reason) => write!(f, "the call was rejected: {reason}"),
            Self::Unavailable(error) => write!(f, "the store is not available: {error}"),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unavailable(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
