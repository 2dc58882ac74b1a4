//! How a value is called: by a text, or by a key.

use std::fmt;
use std::sync::Arc;

use super::value::Named;

/// What a value of type `T` can be asked for by: a text, or a [`Key<T>`](crate::Key).
///
/// It cannot be implemented elsewhere.
///
/// ```
/// use detached::{Context, Key};
///
/// static USER_ID: Key<u64> = Key::new("user_id");
///
/// let context = Context::new().with(USER_ID, 7);
/// assert_eq!(context.get(USER_ID), Ok(7));
/// assert_eq!(context.get::<u64>("user_id"), Ok(7));
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` does not name a `{T}`", label = "neither a text nor a `Key<{T}>`")]
pub trait ValueName<T>: Copy + sealed::Sealed {
    /// The text.
    #[doc(hidden)]
    fn text(self) -> &'static str;

    /// The value under the name, shown by its `Display`; not at all where the name is a sensitive key's.
    #[doc(hidden)]
    fn displayed(self, value: T) -> Arc<Named>
    where
        T: Clone + fmt::Display + Send + Sync + 'static,
    {
        Named::displayed(self.text(), value)
    }
}

/// What a value of type `T` can be set by, which says how it is shown: a text, by the value's `Debug`, or a
/// [`Key<T>`](crate::Key), as the key says.
///
/// It cannot be implemented elsewhere.
///
/// ```
/// use detached::{Context, Key};
///
/// static TOKEN: Key<String> = Key::new("token").sensitive();
///
/// let context = Context::new().with("user_id", 7).with(TOKEN, "s3cret".to_owned());
/// assert_eq!(format!("{context:?}"), r#"Context { values: {"user_id": 7}, cause: None, deadline: None }"#);
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` does not name a `{T}`", label = "neither a text nor a `Key<{T}>`")]
pub trait SetsValue<T>: ValueName<T> {
    /// The value under the name.
    #[doc(hidden)]
    fn named(self, value: T) -> Arc<Named>;
}

pub(super) mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for &'static str {}

impl<T> ValueName<T> for &'static str {
    fn text(self) -> &'static str {
        self
    }
}

impl<T: Clone + fmt::Debug + Send + Sync + 'static> SetsValue<T> for &'static str {
    fn named(self, value: T) -> Arc<Named> {
        Named::shown(self, value)
    }
}
