//! What is asked of the context in place.

use super::state;
use crate::context::{Context, Key, ValueError};

impl Context {
    /// The context in place here; an empty one, as [`new`](Self::new) gives, where none is.
    ///
    /// ```
    /// # use detached::Context;
    /// assert!(Context::current().names().is_empty());
    /// ```
    #[must_use]
    pub fn current() -> Self {
        Self::try_current().unwrap_or_default()
    }

    /// The context in place here, if one is.
    ///
    /// ```
    /// # use detached::Context;
    /// assert!(Context::try_current().is_none());
    /// ```
    #[must_use]
    pub fn try_current() -> Option<Self> {
        state::current()
    }
}

impl<T: Clone + Send + Sync + 'static> Key<T> {
    /// The value in the current context, cloned.
    ///
    /// # Panics
    ///
    /// When the current context has no such value, or one of another type. In a task whose function requires the key
    /// it is there. [`try_get`](Self::try_get) does not panic.
    ///
    /// ```
    /// # use detached::{Context, Key};
    /// static USER_ID: Key<u64> = Key::new("user_id");
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let user = Context::new().with("user_id", 7_u64).scope(async { USER_ID.get() }).await;
    /// assert_eq!(user, 7);
    /// # }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn get(&self) -> T {
        match self.try_get() {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }

    /// The value in the current context, cloned.
    ///
    /// # Errors
    ///
    /// [`ValueError`], as [`Context::get`].
    ///
    /// ```
    /// # use detached::Key;
    /// static USER_ID: Key<u64> = Key::new("user_id");
    /// assert!(USER_ID.try_get().is_err());
    /// ```
    pub fn try_get(&self) -> Result<T, ValueError> {
        self.try_get_in(&Context::try_current().ok_or(ValueError::Absent { name: self.name() })?)
    }
}
