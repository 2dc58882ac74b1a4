//! `Key<T>`: a name with its type.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::context::Context;
use super::value::{Named, ValueError};
use super::value_name::{SetsValue, ValueName, sealed::Sealed};

/// A typed name of a context's value, for a `static`.
///
/// It goes wherever a name goes: [`with`](Context::with), [`insert`](Context::insert) and [`get`](Context::get) take
/// one, and with it the type is the compiler's concern. Key and name meet in one store: what a key sets is found
/// under its name, and the other way round. As `inherit = [KEY]`, or as `#[inherit(KEY)]` of a parameter, it is
/// checked by the compiler, where a text is checked at the call.
///
/// What a log says of the value is the key's to say: [`display`](Self::display) shows it as people write it.
///
/// ```
/// use std::fmt;
/// use detached::{background, Context, Key};
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct UserId(u64);
///
/// impl fmt::Display for UserId {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         write!(f, "{}", self.0)
///     }
/// }
///
/// static USER_ID: Key<UserId> = Key::new("user_id").display(); // `user_id=7` in the log
/// static TOKEN: Key<String> = Key::new("token").sensitive();
///
/// #[background(timeout = "5s", inherit = [USER_ID, TOKEN?])]
/// async fn who() -> UserId {
///     USER_ID.get()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let request = Context::new().with(USER_ID, UserId(7));
/// assert_eq!(request.scope(async { who().await }).await, Ok(UserId(7)));
/// assert_eq!(request.get::<UserId>("user_id"), Ok(UserId(7)));
/// # }
/// ```
///
/// `S` says whether the value can be stored with a call of a durable function. As a rule it cannot.
pub struct Key<T, S = Plain> {
    name: &'static str,
    make: fn(&'static str, T) -> Arc<Named>,
    is_sensitive: bool,
    // Shared between threads whatever `T` is: a key holds none.
    of: PhantomData<fn() -> (T, S)>,
}

/// Whether the value of a [`Key`] can be stored: it cannot.
///
/// ```
/// use detached::{Key, Plain};
/// static USER_ID: Key<u64, Plain> = Key::new("user_id"); // as a rule written `Key<u64>`
/// ```
#[derive(Debug)]
pub enum Plain {}

// By hand: a key holds no `T`, and is `Copy` whatever that is.
impl<T, S> Clone for Key<T, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, S> Copy for Key<T, S> {}

impl<T, S> Sealed for Key<T, S> {}

impl<T: Clone + Send + Sync + 'static, S> ValueName<T> for Key<T, S> {
    fn text(self) -> &'static str {
        self.name
    }

    fn displayed(self, value: T) -> Arc<Named>
    where
        T: fmt::Display,
    {
        self.display().named(value)
    }
}

impl<T: Clone + Send + Sync + 'static, S> SetsValue<T> for Key<T, S> {
    fn named(self, value: T) -> Arc<Named> {
        (self.make)(self.name, value)
    }
}

impl<T: Clone + fmt::Debug + Send + Sync + 'static> Key<T> {
    /// A key for the value named `name`. It is shown with `Debug`, unless the key is one of [`display`](Self::display)
    /// or [`sensitive`](Self::sensitive).
    ///
    /// ```
    /// use std::net::IpAddr;
    /// use detached::Key;
    ///
    /// static CLIENT: Key<IpAddr> = Key::new("client").display();
    /// static ROLES: Key<Vec<&str>> = Key::new("roles");
    /// ```
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, make: Named::shown::<T>, is_sensitive: false, of: PhantomData }
    }
}

impl<T: Clone + Send + Sync + 'static> Key<T> {
    /// A key for a value that is carried and never shown; its type needs no `Debug`.
    ///
    /// ```
    /// use detached::Key;
    /// #[derive(Clone)]
    /// struct Token(String);
    /// static TOKEN: Key<Token> = Key::new_sensitive("token");
    /// ```
    #[must_use]
    pub const fn new_sensitive(name: &'static str) -> Self {
        Self { name, make: Named::sensitive::<T>, is_sensitive: true, of: PhantomData }
    }
}

impl<T: Clone + Send + Sync + 'static, S> Key<T, S> {
    /// The same key for a value that is shown as people write it: with `Display`, in spans, events, lists and reports.
    ///
    /// Numbers, `bool` and text are recorded as what they are, with or without it. A
    /// [`sensitive`](Self::sensitive) key stays one.
    ///
    /// ```
    /// use std::fmt;
    /// use detached::{Context, Key};
    ///
    /// #[derive(Clone, Debug)]
    /// struct UserId(u64);
    ///
    /// impl fmt::Display for UserId {
    ///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    ///         write!(f, "user-{}", self.0)
    ///     }
    /// }
    ///
    /// static USER_ID: Key<UserId> = Key::new("user_id").display();
    ///
    /// let context = Context::new().with(USER_ID, UserId(7));
    /// assert!(format!("{context:?}").contains(r#""user_id": user-7"#)); // `UserId(7)` without `display`
    /// ```
    #[must_use]
    pub const fn display(self) -> Self
    where
        T: fmt::Display,
    {
        if self.is_sensitive { self } else { Self { make: Named::displayed::<T>, ..self } }
    }

    /// The same key for a value that is carried and never shown.
    ///
    /// ```
    /// use detached::{Context, Key};
    /// static TOKEN: Key<String> = Key::new("token").sensitive();
    ///
    /// let context = Context::new();
    /// TOKEN.set(&context, "s3cret".to_owned());
    /// assert!(!format!("{context:?}").contains("s3cret"));
    /// ```
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self { make: Named::sensitive::<T>, is_sensitive: true, ..self }
    }

    /// The value in `context`, cloned.
    ///
    /// # Errors
    ///
    /// [`ValueError`], as [`Context::get`].
    ///
    /// ```
    /// # use detached::{Context, Key};
    /// static USER_ID: Key<u64> = Key::new("user_id");
    /// assert_eq!(USER_ID.try_get_in(&Context::new().with(USER_ID, 7)), Ok(7));
    /// ```
    pub fn try_get_in(&self, context: &Context) -> Result<T, ValueError> {
        context.get(*self)
    }

    /// Sets the value on `context`, as [`Context::insert`] does: every handle of it sees the value from now on.
    ///
    /// ```
    /// # use detached::{Context, Key};
    /// static USER_ID: Key<u64> = Key::new("user_id");
    /// let context = Context::new();
    /// USER_ID.set(&context, 7);
    /// assert_eq!(context.names(), ["user_id"]);
    /// ```
    pub fn set(&self, context: &Context, value: T) {
        context.insert(*self, value);
    }
}

impl<T, S> Key<T, S> {
    /// The same key for a value that is, or is not, to be stored.
    #[cfg(feature = "durable")]
    pub(crate) const fn kept_as<R>(self) -> Key<T, R> {
        Key { name: self.name, make: self.make, is_sensitive: self.is_sensitive, of: PhantomData }
    }

    /// The name that the value goes by.
    ///
    /// ```
    /// # use detached::Key;
    /// static USER_ID: Key<u64> = Key::new("user_id");
    /// assert_eq!(USER_ID.name(), "user_id");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<T, S> fmt::Debug for Key<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("name", &self.name)
            .field("type", &std::any::type_name::<T>())
            .finish_non_exhaustive()
    }
}
