//! What tells of its drop, alone and in types with several parts.

use std::mem;
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// What happened, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(super) fn note(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }

    pub(super) fn take(&self) -> Vec<String> {
        mem::take(&mut self.0.lock().unwrap())
    }

    pub(super) fn part(&self, name: &'static str) -> Part {
        Part { name, log: self.clone() }
    }
}

/// Notes its drop. Its copies say that they are copies.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) log: Log,
}

impl Part {
    pub(super) fn touch(&self) -> usize {
        self.log.note(&format!("touch {}", self.name));
        self.name.len()
    }

    pub(super) fn guard(&self) -> Guard<'_> {
        Guard(self)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.log.note(&format!("drop {}", self.name));
    }
}

pub(super) struct Guard<'a>(&'a Part);

impl Deref for Guard<'_> {
    type Target = Part;

    fn deref(&self) -> &Part {
        self.0
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.log.note(&format!("drop guard of {}", self.0.name));
    }
}

pub(super) struct Three {
    pub(super) a: Part,
    pub(super) b: Part,
    pub(super) c: Part,
}

pub(super) struct Wrapped(pub(super) Part, pub(super) Part);

impl Log {
    pub(super) fn three(&self) -> Three {
        Three { a: self.part("a"), b: self.part("b"), c: self.part("c") }
    }

    pub(super) fn wrapped(&self) -> Wrapped {
        Wrapped(self.part("0"), self.part("1"))
    }
}
