//! Stored keys: inherited values that are written with a call, and put in place again where it is run.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::store_error::StoreError;
use crate::context::{Context, Key, Optional, ValueError};
use crate::outcome::Reason;
use crate::panics;

/// Whether the value of a [`Key`] can be stored with a call: it can. See [`Key::stored`].
///
/// ```
/// use detached::{Key, durable::Stored};
/// static USER_ID: Key<u64, Stored> = Key::new("user_id").stored();
/// ```
#[derive(Debug)]
pub enum Stored {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Key<T> {
    /// The same key for a value that durable functions inherit too: it is stored with the call, as JSON, and in place where
    /// that is run. In plain text, also where the key is [sensitive](Self::sensitive).
    ///
    /// ```
    /// use detached::{Key, background, durable::Stored};
    ///
    /// static USER_ID: Key<u64, Stored> = Key::new("user_id").stored();
    ///
    /// #[background(durable = "mail", timeout = "30s", inherit = [USER_ID])]
    /// async fn send_welcome(to: String) {
    ///     println!("to {to}, from {}", USER_ID.get());
    /// }
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "durable")))]
    #[must_use]
    pub const fn stored(self) -> Key<T, Stored> {
        self.kept_as()
    }
}

/// A carrier whose values can be stored with a call of a durable function: a [stored](Key::stored) key, one that is
/// [optional](Key::optional), or a group of such.
///
/// ```
/// use detached::{Key, Optional, background, durable::Stored};
///
/// static USER_ID: Key<u64, Stored> = Key::new("user_id").stored();
/// static TENANT: Key<String, Stored> = Key::new("tenant").stored();
/// static REQUEST: (Key<u64, Stored>, Optional<Key<String, Stored>>) = (USER_ID, TENANT.optional());
///
/// #[background(durable = "mail", timeout = "30s", inherit = [REQUEST])]
/// async fn send_welcome(to: String) {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inherited by a durable function",
    label = "its value cannot be stored with the call",
    note = "list a stored key: `static USER_ID: Key<UserId, detached::durable::Stored> = Key::new(\"user_id\").stored()`, or a group of such"
)]
pub trait Storable: Sync + 'static {
    /// Writes the values of the call's context.
    #[doc(hidden)]
    fn write(&'static self, written: &mut Written<'_>);

    /// Puts the values that were stored into the run's context.
    #[doc(hidden)]
    fn read(&'static self, read: &mut Read<'_>);
}

/// The carrier, whatever its type. Generated code asks for it in one way at the call and at the run, so that one that cannot
/// be stored is one mistake.
#[doc(hidden)]
pub fn storable<K: Storable>(carrier: &'static K) -> &'static dyn Storable {
    carrier
}

/// What the values of a call are written to.
#[doc(hidden)]
pub struct Written<'a> {
    pub(super) origin: Option<&'a Context>,
    pub(super) values: &'a mut Map<String, Value>,
    pub(super) is_optional: bool,
    pub(super) refused: Option<StoreError>,
}

/// What the values of a run are read from.
#[doc(hidden)]
pub struct Read<'a> {
    pub(super) stored: &'a Map<String, Value>,
    pub(super) is_optional: bool,
    pub(super) context: Context,
    /// Of the values that are in the context by now.
    pub(super) names: Vec<&'static str>,
    pub(super) unreadable: Option<String>,
}

impl Written<'_> {
    fn refuse(&mut self, error: StoreError) {
        self.refused.get_or_insert(error);
    }
}

impl Read<'_> {
    fn refuse(&mut self, name: &str, error: &str) {
        self.unreadable.get_or_insert_with(|| format!("the inherited value `{name}` cannot be read: {error}"));
    }
}

/// Stores the value of the key's name.
impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Storable for Key<T, Stored> {
    fn write(&'static self, written: &mut Written<'_>) {
        let name = self.name();
        let found = written.origin.map_or(Err(ValueError::Absent { name }), |origin| origin.get(*self));
        let value = match found {
            Ok(value) => value,
            Err(ValueError::Absent { .. }) if written.is_optional => return,
            Err(ValueError::Absent { name }) => {
                return written.refuse(StoreError::Rejected(Reason::MissingValue { name }));
            }
            Err(error @ ValueError::WrongType { .. }) => {
                return written.refuse(StoreError::Rejected(Reason::WrongType(error)));
            }
        };
        match serde_json::to_value(value) {
            Ok(value) => drop(written.values.insert(name.to_owned(), value)),
            Err(error) => written.refuse(StoreError::NotSerializable { name, error: error.to_string() }),
        }
    }

    fn read(&'static self, read: &mut Read<'_>) {
        let name = self.name();
        match read.stored.get(name) {
            None if read.is_optional => {}
            None => read.refuse(name, "it was not stored"),
            Some(stored) => match T::deserialize(stored) {
                Ok(value) => {
                    read.context.insert(*self, value);
                    read.names.push(name);
                }
                Err(error) => read.refuse(name, &error.to_string()),
            },
        }
    }
}

/// Stores what the carrier does, if it is there.
impl<K: Storable> Storable for Optional<K> {
    fn write(&'static self, written: &mut Written<'_>) {
        let outer = std::mem::replace(&mut written.is_optional, true);
        self.0.write(written);
        written.is_optional = outer;
    }

    fn read(&'static self, read: &mut Read<'_>) {
        let outer = std::mem::replace(&mut read.is_optional, true);
        self.0.read(read);
        read.is_optional = outer;
    }
}

/// Stores what it refers to.
impl<K: Storable> Storable for &'static K {
    fn write(&'static self, written: &mut Written<'_>) {
        K::write(self, written);
    }

    fn read(&'static self, read: &mut Read<'_>) {
        K::read(self, read);
    }
}

macro_rules! group {
    ($($part:ident $index:tt),+) => {
        /// Stores what its parts do.
        impl<$($part: Storable),+> Storable for ($($part,)+) {
            fn write(&'static self, written: &mut Written<'_>) {
                $(self.$index.write(written);)+
            }

            fn read(&'static self, read: &mut Read<'_>) {
                $(self.$index.read(read);)+
            }
        }
    };
}

group!(A 0);
group!(A 0, B 1);
group!(A 0, B 1, C 2);
group!(A 0, B 1, C 2, D 3);
group!(A 0, B 1, C 2, D 3, E 4);
group!(A 0, B 1, C 2, D 3, E 4, F 5);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

/// Writes the values of one carrier; what it says against it, if anything. Its types' code runs in here.
pub(super) fn write(
    carrier: &'static dyn Storable,
    is_optional: bool,
    origin: Option<&Context>,
    values: &mut Map<String, Value>,
) -> Option<StoreError> {
    let mut written = Written { origin, values, is_optional, refused: None };
    match panics::catch(|| carrier.write(&mut written)) {
        Ok(()) => written.refused,
        Err(_) => Some(StoreError::Rejected(Reason::CarrierPanicked)),
    }
}
