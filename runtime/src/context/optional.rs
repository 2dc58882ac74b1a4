//! `Optional<K>`: a carrier that may be absent.

use super::capture::Capture;
use super::inherit::Inherit;
use super::kept::Kept;
use super::key::Key;
use super::value::ValueError;

/// A carrier that may be absent, for a `static` or a part of a group. `KEY?` in a list is the same, there.
///
/// Of a group, each part may be absent.
///
/// ```
/// use detached::{background, Context, Key, Optional};
///
/// static USER_ID: Key<u64> = Key::new("user_id");
/// static TENANT: Key<String> = Key::new("tenant");
/// static REQUEST: (Key<u64>, Optional<Key<String>>) = (USER_ID, TENANT.optional());
///
/// #[background(timeout = "5s", inherit = [REQUEST])]
/// async fn who() -> (u64, Option<String>) {
///     (USER_ID.get(), TENANT.try_get().ok())
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(Context::new().with(USER_ID, 7).scope(async { who().await }).await, Ok((7, None)));
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Optional<K>(pub(crate) K);

impl<K> Optional<K> {
    /// The same carrier, which may be absent.
    ///
    /// ```
    /// use detached::Optional;
    /// use tokio::task::LocalKey;
    ///
    /// tokio::task_local! { static LOCALE: &'static str; }
    /// static LOCALE_IF_SET: Optional<&LocalKey<&'static str>> = Optional::new(&LOCALE);
    /// ```
    #[must_use]
    pub const fn new(carrier: K) -> Self {
        Self(carrier)
    }
}

impl<T, S> Key<T, S> {
    /// A carrier of the key's value, which may be absent.
    ///
    /// ```
    /// use detached::{Key, Optional};
    ///
    /// static TENANT: Key<String> = Key::new("tenant");
    /// static TENANT_IF_KNOWN: Optional<Key<String>> = TENANT.optional();
    /// ```
    #[must_use]
    pub const fn optional(self) -> Optional<Self> {
        Optional::new(self)
    }
}

/// Carries what the carrier does, if it is there.
impl<K: Inherit> Inherit for Optional<K> {
    type Captured = Kept<K::Captured>;

    const HAS_PLACE: bool = K::HAS_PLACE;

    fn names(&'static self, each: &mut dyn FnMut(&'static str)) {
        self.0.names(each);
    }

    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<Self::Captured>, ValueError> {
        call.optionally(|call| call.take(&self.0, "")).map(|captured| Some(Kept::new(captured)))
    }

    fn enter<R>(&'static self, captured: &Self::Captured, run: impl FnOnce() -> R) -> R {
        captured.enter(&self.0, run)
    }

    fn around<R>(&'static self, captured: &mut Self::Captured, run: impl FnOnce() -> R) -> R {
        captured.around(&self.0, run)
    }
}
