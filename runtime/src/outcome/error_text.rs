//! The texts of an error and its sources: contained, bounded, each on one line.

use std::error::Error;
use std::fmt;

use crate::panics;
use crate::shown::{LEFT_OUT, Shown};

/// How many sources are followed: they may lead back to where they came from.
const SOURCES: usize = 32;

/// The error and its sources on one line.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let texts: Vec<String> = texts(error).0.into_iter().map(|shown| shown.text).collect();
    texts.join(": ")
}

pub(super) fn has_source(error: &(dyn Error + 'static)) -> bool {
    panics::catch(|| error.source().is_some()).unwrap_or(false)
}

/// An error's texts, for a subscriber that must not have the error itself, for it would show it, and follow its sources,
/// unguarded. The type is lost on the way, so nothing else is given like this.
#[derive(Debug)]
pub(crate) struct ErrorText {
    text: String,
    source: Option<Box<Self>>,
}

impl ErrorText {
    /// `None` for an error that shows itself, and its sources, as this would.
    pub(super) fn of_unfit(error: &(dyn Error + 'static)) -> Option<Self> {
        let (texts, are_all) = texts(error);
        if are_all && texts.iter().all(|shown| shown.is_verbatim) {
            return None;
        }
        let texts = texts.into_iter().rev().map(|shown| shown.text);
        texts.fold(None, |source, text| Some(Self { text, source: source.map(Box::new) }))
    }
}

impl fmt::Display for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for ErrorText {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// The texts, the error's first, and whether there are no more.
fn texts(error: &(dyn Error + 'static)) -> (Vec<Shown>, bool) {
    let mut texts = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if texts.len() > SOURCES {
            texts.push(Shown::placeholder(LEFT_OUT));
            return (texts, false);
        }
        texts.push(Shown::of(|f| fmt::Display::fmt(error, f)));
        next = match panics::catch(|| error.source()) {
            Ok(source) => source,
            Err(_) => return (texts, false),
        };
    }
    (texts, true)
}
