//! An inherited value as tracing has values: a number is a number and a text is a text; all else goes by its `Debug`.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use tracing::field::{DebugValue, Value, debug};

use super::callsites::Callsites;
use crate::context::{Named, Snapshot};
use crate::line::on_one_line;
use crate::roster::shown;

/// A value that may be shown, as a field.
pub(super) enum FieldValue<'a> {
    Primitive(&'a dyn Value),
    Text(Cow<'a, str>),
    Debug(DebugValue<&'a Named>),
}

impl<'a> FieldValue<'a> {
    pub(super) fn of(value: &'a Named) -> Self {
        let held = value.as_any();
        primitive(held)
            .map(Self::Primitive)
            .or_else(|| text(held).map(|text| Self::Text(on_one_line(text))))
            .unwrap_or_else(|| Self::Debug(debug(value)))
    }

    pub(super) fn as_value(&self) -> &dyn Value {
        match self {
            Self::Primitive(value) => *value,
            Self::Text(Cow::Borrowed(text)) => text,
            Self::Text(Cow::Owned(text)) => text,
            Self::Debug(value) => value,
        }
    }
}

/// The value, if it is of one of the types listed.
macro_rules! one_of {
    ($held:ident as $shown:ty: $($kind:ty),* $(,)?) => {
        None$(.or_else(|| $held.downcast_ref::<$kind>().map(|value| value as $shown)))*
    };
}

fn primitive(held: &dyn Any) -> Option<&dyn Value> {
    one_of!(held as &dyn Value: u64, i64, u32, i32, usize, isize, u16, i16, u8, i8, u128, i128, f64, f32, bool)
}

fn text(held: &dyn Any) -> Option<&str> {
    one_of!(held as &str: String, &'static str, Arc<str>, Box<str>, Cow<'static, str>)
}

/// The values to show, in the order of their fields.
pub(super) fn field_values<'a>(callsites: &Callsites, values: &'a Snapshot) -> Vec<Option<FieldValue<'a>>> {
    let value_of = |name: &&str| shown(values).find(|value| value.name() == *name).map(FieldValue::of);
    callsites.names.iter().map(value_of).collect()
}
