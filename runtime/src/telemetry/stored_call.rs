//! The events of a stored call that is given up, or cannot be run here: there may be no attempt of it that tells.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tracing::field::Value;
use tracing::metadata::Kind;
use tracing::{Level, Metadata};

use super::site::{self, Site, Within};
use crate::function::Function;
use crate::line::on_one_line;
use crate::panics;

const FIELDS: [&str; 5] = ["message", "function", "attempts", "caller", "error"];

/// What is told of a stored call.
pub(crate) struct StoredCall<'a> {
    /// The function, if the worker knows one of the name.
    pub(crate) known: Option<&'static Function>,
    pub(crate) function: &'a str,
    pub(crate) attempts: Option<u32>,
    pub(crate) caller: &'a str,
    pub(crate) error: &'a str,
}

impl StoredCall<'_> {
    /// It is not to be run again.
    pub(crate) fn is_given_up(&self) {
        self.tell(Level::ERROR, "a stored call is given up");
    }

    /// It is left to another worker.
    pub(crate) fn cannot_be_run(&self) {
        self.tell(Level::WARN, "a stored call cannot be run here");
    }

    /// Tells the subscriber, or the logger where none was ever set. A panic of theirs ends here.
    fn tell(&self, level: Level, message: &'static str) {
        let site = site_of(self.known.map_or("detached", |function| function.module), level);
        let [function, caller, error] = [self.function, self.caller, self.error].map(on_one_line);
        let (function, caller, error) = (&*function, &*caller, &*error);
        let _ = panics::catch(|| {
            if site::is_logging() {
                let attempts = self.attempts.map_or_else(String::new, |attempts| format!(" attempts={attempts}"));
                site.log(&format_args!("{message} function={function}{attempts} caller={caller} error={error}"));
            } else if site.is_enabled() {
                let attempts = self.attempts.as_ref().map(|attempts| attempts as &dyn Value);
                site.emit(&[Some(&message), Some(&function), attempts, Some(&caller), Some(&error)], Within::Current);
            }
        });
    }
}

/// The callsite of that target and level. It is kept for good, as each of tracing's is: there are as many as there are
/// modules with such functions.
fn site_of(module: &'static str, level: Level) -> &'static Site {
    static SITES: Mutex<BTreeMap<(&str, Level), &'static Site>> = Mutex::new(BTreeMap::new());
    let make = || {
        let describe =
            |fields| Metadata::new("stored call", module, level, None, None, Some(module), fields, Kind::EVENT);
        &*Box::leak(Box::new(Site::new(&FIELDS, describe)))
    };
    // To make one tells nobody, so no code but ours runs under the lock.
    SITES.lock().unwrap_or_else(PoisonError::into_inner).entry((module, level)).or_insert_with(make)
}
