//! An inherited value as tracing has values: what it is, where that is a number, a `bool` or a text; else as its key shows it.

use std::borrow::Cow;

use smallvec::SmallVec;
use tracing::field::{DebugValue, Value, debug};

use super::callsites::Callsites;
use crate::context::{Named, Primitive, Snapshot};
use crate::roster::shown;

/// A value that may be shown, as a field.
pub(super) enum FieldValue<'a> {
    Primitive(Primitive<'a>),
    Shown(DebugValue<&'a Named>),
}

impl<'a> FieldValue<'a> {
    pub(super) fn of(value: &'a Named) -> Self {
        Primitive::of(value).map_or_else(|| Self::Shown(debug(value)), Self::Primitive)
    }

    pub(super) fn as_value(&self) -> &dyn Value {
        match self {
            Self::Shown(value) => value,
            Self::Primitive(Primitive::Unsigned(number)) => number,
            Self::Primitive(Primitive::Signed(number)) => number,
            Self::Primitive(Primitive::LongUnsigned(number)) => number,
            Self::Primitive(Primitive::LongSigned(number)) => number,
            Self::Primitive(Primitive::Float(number)) => number,
            Self::Primitive(Primitive::Bool(is)) => is,
            Self::Primitive(Primitive::Text(Cow::Borrowed(text))) => text,
            Self::Primitive(Primitive::Text(Cow::Owned(text))) => text,
        }
    }
}

/// All fields of a span or an event, in their order. So many fit without an allocation: ours, and those of a few values.
pub(super) type Fields<'a> = SmallVec<[Option<&'a dyn Value>; 16]>;

/// The values to show, in the order of their fields.
pub(super) fn field_values<'a>(callsites: &Callsites, values: &'a Snapshot) -> SmallVec<[Option<FieldValue<'a>>; 4]> {
    let value_of = |name: &&str| shown(values).find(|value| value.name() == *name).map(FieldValue::of);
    callsites.names.iter().map(value_of).collect()
}
