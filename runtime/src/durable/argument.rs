//! What an argument has to be: written as JSON at the call, and read again at the run.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// What can be stored with a call: every type that serde writes and reads.
///
/// ```
/// fn is_argument<T: detached::durable::Argument>() {}
/// is_argument::<(String, Option<u64>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored with a call of a durable function",
    label = "this goes through the store as JSON",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it, or let the worker give it: `#[state]`"
)]
pub trait Argument: Sized {
    #[doc(hidden)]
    const PARAMETER: Parameter<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Argument for T {
    const PARAMETER: Parameter<Self> =
        Parameter { write: |value| serde_json::to_value(value), read: |stored| T::deserialize(stored) };
}

/// How a parameter's values are written and read. Generated code asks for it in one way at the call and at the run, so that
/// a type that has none is one mistake.
#[doc(hidden)]
pub struct Parameter<T> {
    pub(super) write: fn(&T) -> Result<Value, Error>,
    pub(super) read: fn(&Value) -> Result<T, Error>,
}

/// The parameter of a type.
#[doc(hidden)]
#[must_use]
pub const fn parameter<T: Argument>() -> Parameter<T> {
    T::PARAMETER
}
