//! What an event says went wrong, as tracing has values: an error where there is one, else a text.

use std::error::Error;

use tracing::field::{DisplayValue, Value, display};

use crate::outcome::{Failure, Outcome};
use crate::panics::Panic;

/// The error with its sources, where there are any: not every formatter shows those of an error.
pub(super) fn chain(outcome: &Outcome<'_>) -> Option<String> {
    match outcome {
        Outcome::Failed(failure) if failure.has_source() => Some(failure.chain()),
        _ => None,
    }
}

/// What went wrong in a failed or a panicked task, as a field.
pub(super) enum ErrorField<'a> {
    /// The error itself: a subscriber may know its type.
    Error(&'a (dyn Error + 'static)),
    StandIn(Box<dyn Error>),
    Text(DisplayValue<&'a Failure<'a>>),
    Panic(DisplayValue<&'a Panic>),
}

impl<'a> ErrorField<'a> {
    pub(super) fn of(outcome: &'a Outcome<'_>) -> Option<Self> {
        match outcome {
            Outcome::Failed(failure) => Some(Self::of_failure(failure)),
            Outcome::Panicked(panic) => Some(Self::Panic(display(*panic))),
            _ => None,
        }
    }

    fn of_failure(failure: &'a Failure<'_>) -> Self {
        match (failure.stand_in(), failure.as_error()) {
            (Some(stand_in), _) => Self::StandIn(Box::new(stand_in)),
            (None, Some(error)) => Self::Error(error),
            (None, None) => Self::Text(display(failure)),
        }
    }

    pub(super) fn as_value(&self) -> &dyn Value {
        match self {
            Self::Error(error) => error,
            Self::StandIn(error) => error,
            Self::Text(text) => text,
            Self::Panic(text) => text,
        }
    }
}
