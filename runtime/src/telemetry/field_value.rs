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
type Fields<'a> = SmallVec<[Option<&'a dyn Value>; 16]>;

/// The values that a task shows, in the order of their fields.
type FieldValues<'a> = SmallVec<[Option<FieldValue<'a>>; 4]>;

/// Our own fields of a span or an event, and those of the values.
// One after the other: what `extend` and `collect` do to make room for any number is dearer than the few pushes.
pub(super) fn fields<'a>(own: &[Option<&'a dyn Value>], shown: &'a FieldValues<'_>) -> Fields<'a> {
    let mut fields = Fields::from_slice(own);
    for value in shown {
        fields.push(value.as_ref().map(FieldValue::as_value));
    }
    fields
}

/// The values to show.
pub(super) fn field_values<'a>(callsites: &Callsites, values: &'a Snapshot) -> FieldValues<'a> {
    let mut fields = FieldValues::new();
    for name in callsites.names {
        fields.push(shown(values).find(|value| value.name() == *name).map(FieldValue::of));
    }
    fields
}
