//! A value as what it is, where that is a number, a `bool` or a text: what recorders and other programs know, too.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::value::Named;
use crate::shown::bounded;

/// A number, a `bool` or a text.
#[derive(Clone, Debug)]
pub(crate) enum Primitive<'a> {
    Unsigned(u64),
    Signed(i64),
    LongUnsigned(u128),
    LongSigned(i128),
    Float(f64),
    Bool(bool),
    /// As it is shown: on one line, its length bounded.
    Text(Cow<'a, str>),
}

impl<'a> Primitive<'a> {
    /// What the value is, if it is of one of their types.
    pub(crate) fn of(value: &'a Named) -> Option<Self> {
        let held = value.as_any();
        number(held).or_else(|| text(held).map(|text| Self::Text(bounded(text))))
    }

    /// What the value is, or else the text that its key shows it as.
    #[cfg(any(feature = "serde", feature = "tower"))]
    pub(crate) fn shown(value: &'a Named) -> Self {
        Self::of(value).unwrap_or_else(|| Self::Text(format!("{value:?}").into()))
    }

    #[cfg(feature = "tower")]
    pub(crate) fn into_owned(self) -> Primitive<'static> {
        match self {
            Self::Unsigned(number) => Primitive::Unsigned(number),
            Self::Signed(number) => Primitive::Signed(number),
            Self::LongUnsigned(number) => Primitive::LongUnsigned(number),
            Self::LongSigned(number) => Primitive::LongSigned(number),
            Self::Float(number) => Primitive::Float(number),
            Self::Bool(is) => Primitive::Bool(is),
            Self::Text(text) => Primitive::Text(text.into_owned().into()),
        }
    }
}

impl fmt::Display for Primitive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(number) => number.fmt(f),
            Self::Signed(number) => number.fmt(f),
            Self::LongUnsigned(number) => number.fmt(f),
            Self::LongSigned(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Bool(is) => is.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// The value, if it is of one of the types listed.
macro_rules! one_of {
    ($held:ident as $shown:ty: $($kind:ty),* $(,)?) => {
        None$(.or_else(|| $held.downcast_ref::<$kind>().map(|value| value as $shown)))*
    };
}

/// As [`one_of`], in the widest type of its sort.
macro_rules! widest {
    ($held:ident as $widest:ty: $($kind:ty),* $(,)?) => {
        // None of these loses a bit; some are of the same type already.
        #[allow(clippy::cast_lossless, clippy::unnecessary_cast)]
        None$(.or_else(|| $held.downcast_ref::<$kind>().map(|value| *value as $widest)))*
    };
}

fn number(held: &dyn Any) -> Option<Primitive<'static>> {
    let unsigned = || widest!(held as u64: u64, u32, usize, u16, u8).map(Primitive::Unsigned);
    let signed = || widest!(held as i64: i64, i32, isize, i16, i8).map(Primitive::Signed);
    let float = || widest!(held as f64: f64, f32).map(Primitive::Float);
    let long_unsigned = || held.downcast_ref().copied().map(Primitive::LongUnsigned);
    let long_signed = || held.downcast_ref().copied().map(Primitive::LongSigned);
    let is = || held.downcast_ref().copied().map(Primitive::Bool);
    unsigned().or_else(signed).or_else(float).or_else(is).or_else(long_unsigned).or_else(long_signed)
}

fn text(held: &dyn Any) -> Option<&str> {
    one_of!(held as &str: String, &'static str, Arc<str>, Box<str>, Cow<'static, str>)
}
