//! Carriers: what can be listed in `inherit`, captured at the call and put in place around all that runs for the task.

use super::capture::Capture;
use super::key::Key;
use super::value::ValueError;

/// A carrier: something a task can inherit from where it was called.
///
/// It captures a value at the call, in the caller, and puts it in place around whatever runs for the task: the body's
/// polls and its drop, observers, the event. A [`Key`] is one, a `tokio::task_local!` static is one, a name
/// (`&'static str`, with `?` at its end if the value may be absent) is one, a `static` that refers to one is one, and so
/// is a [group](#groups). Implement the trait for a thread-bound state of another library, such as an error
/// tracker's hub.
///
/// ```
/// use detached::{background, Capture, Inherit, ValueError};
///
/// tokio::task_local! { static LOCALE: &'static str; }
///
/// /// Carries the locale, and falls back to English.
/// struct Locale;
///
/// impl Inherit for Locale {
///     type Captured = &'static str;
///
///     fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<&'static str>, ValueError> {
///         Ok(Some(LOCALE.try_with(|locale| *locale).unwrap_or("en")))
///     }
///
///     fn enter<R>(&'static self, locale: &&'static str, run: impl FnOnce() -> R) -> R {
///         LOCALE.sync_scope(*locale, run)
///     }
/// }
///
/// static LOCALE_OF_CALLER: Locale = Locale;
///
/// #[background(timeout = "5s", inherit = [LOCALE_OF_CALLER])]
/// async fn greet() -> &'static str {
///     LOCALE.get()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(LOCALE.scope("fr", async { greet().await }).await, Ok("fr"));
/// assert_eq!(greet().await, Ok("en"));
/// # }
/// ```
///
/// # Groups
///
/// A tuple of up to twelve carriers is a carrier: one list for many functions, each of which lists it by its name. A
/// part may be a group again, or be [optional](crate::Optional). Listed as `REQUEST?`, each part is.
///
/// ```
/// use detached::{background, Context, Key, Optional};
///
/// static USER_ID: Key<u64> = Key::new("user_id");
/// static TENANT: Key<String> = Key::new("tenant");
/// tokio::task_local! { static LOCALE: &'static str; }
///
/// static REQUEST: (Key<u64>, Optional<Key<String>>, &tokio::task::LocalKey<&'static str>) =
///     (USER_ID, TENANT.optional(), &LOCALE);
///
/// #[background(timeout = "5s", inherit = [REQUEST])]
/// async fn greet() -> (u64, &'static str) {
///     (USER_ID.get(), LOCALE.get())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let request = Context::new().with(USER_ID, 7);
/// assert_eq!(request.scope(LOCALE.scope("fr", async { greet().await })).await, Ok((7, "fr")));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inherited by a task",
    label = "this is no carrier",
    note = "list a name (`\"user_id\"`), a `static` of type `detached::Key<T>`, a `tokio::task_local!` whose type is \
            `Clone + Send`, or a `static` tuple of such",
    note = "or implement `detached::Inherit` for the type"
)]
pub trait Inherit: Sync + 'static {
    /// What is carried from the call to the task.
    type Captured: Send + 'static;

    /// Whether anything is to be put in place. What is in the task's context is in place with it.
    #[doc(hidden)]
    const HAS_PLACE: bool = true;

    /// Gives `each` the names of the values: as fields of the task's span and events, and the first of them in the
    /// message that says that it is missing. None, by default: for a carrier that puts nothing into the task's context.
    /// A panic rejects the call.
    fn names(&'static self, each: &mut dyn FnMut(&'static str)) {
        let _ = each;
    }

    /// Takes the value from where the call is made; `Ok(None)` when there is none, which rejects the call unless the
    /// carrier is listed as `KEY?`. A panic rejects the call.
    ///
    /// # Errors
    ///
    /// [`ValueError::WrongType`] when what is there is of another type: the call is rejected.
    /// [`ValueError::Absent`] is as good as `Ok(None)`, and says the name of what is missing.
    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<Self::Captured>, ValueError>;

    /// Runs `run` with the value in place, and restores what was there by a drop guard, so that a panic restores it
    /// too. Called for each step of the task, on whatever thread it is. Of a poll a panic is the task's outcome; all
    /// else goes on without the task's carriers.
    fn enter<R>(&'static self, captured: &Self::Captured, run: impl FnOnce() -> R) -> R;

    /// Runs one step of the task: a poll of its body, its drop, or what is reported of it. They come one after the
    /// other, so what a step changes can last: a `tokio::task_local!` is moved into its place and out again. By default
    /// it is [`enter`](Self::enter).
    fn around<R>(&'static self, captured: &mut Self::Captured, run: impl FnOnce() -> R) -> R {
        self.enter(captured, run)
    }
}

/// Carries the value of that name; one that ends in `?` may be absent.
impl Inherit for &'static str {
    type Captured = ();

    const HAS_PLACE: bool = false;

    fn names(&'static self, each: &mut dyn FnMut(&'static str)) {
        each(self.strip_suffix('?').unwrap_or(self));
    }

    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<()>, ValueError> {
        let (name, optional) = self.strip_suffix('?').map_or((*self, false), |name| (name, true));
        Ok((call.carry(name) || optional).then_some(()))
    }

    fn enter<R>(&'static self, (): &(), run: impl FnOnce() -> R) -> R {
        run()
    }
}

/// Carries the value of the key's name, and insists on its type.
// The bounds of a key's values are `Key::new`'s: a type that lacks one is told so there, once.
impl<T: 'static, S: 'static> Inherit for Key<T, S> {
    type Captured = ();

    const HAS_PLACE: bool = false;

    fn names(&'static self, each: &mut dyn FnMut(&'static str)) {
        each(self.name());
    }

    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<()>, ValueError> {
        let Some(value) = call.find(self.name()) else { return Ok(None) };
        value.expect_type::<T>()?;
        call.add(value);
        Ok(Some(()))
    }

    fn enter<R>(&'static self, (): &(), run: impl FnOnce() -> R) -> R {
        run()
    }
}

/// What it refers to.
impl<K: Inherit> Inherit for &'static K {
    type Captured = K::Captured;

    const HAS_PLACE: bool = K::HAS_PLACE;

    fn names(&'static self, each: &mut dyn FnMut(&'static str)) {
        K::names(self, each);
    }

    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<K::Captured>, ValueError> {
        K::capture(self, call)
    }

    fn enter<R>(&'static self, captured: &K::Captured, run: impl FnOnce() -> R) -> R {
        K::enter(self, captured, run)
    }

    fn around<R>(&'static self, captured: &mut K::Captured, run: impl FnOnce() -> R) -> R {
        K::around(self, captured, run)
    }
}

/// How whoever asks several carriers asks one.
impl Capture<'_> {
    /// What the carrier captures; `None` only where that is optional. `label` stands in for the name of one that has none.
    #[inline]
    pub(crate) fn take<K: Inherit>(
        &mut self,
        carrier: &'static K,
        label: &'static str,
    ) -> Result<Option<K::Captured>, ValueError> {
        self.missed = None;
        match carrier.capture(self) {
            Err(ValueError::Absent { .. }) if self.is_optional => Ok(None),
            Ok(None) if !self.is_optional => Err(ValueError::Absent { name: name_of(carrier).unwrap_or(label) }),
            captured => captured,
        }
    }

    /// Captures what may be absent.
    pub(super) fn optionally<R>(&mut self, capture: impl FnOnce(&mut Self) -> R) -> R {
        let outer = std::mem::replace(&mut self.is_optional, true);
        let captured = capture(self);
        self.is_optional = outer;
        captured
    }
}

/// The first.
fn name_of<K: Inherit>(carrier: &'static K) -> Option<&'static str> {
    let mut first = None;
    carrier.names(&mut |name| {
        first.get_or_insert(name);
    });
    first
}
