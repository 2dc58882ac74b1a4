//! What is in place where a closure is made, put in place again where it runs.

use std::cell::RefCell;
use std::mem;

use super::state::{Ambient, copy, exchange};
use crate::context::{Context, TaskKey};
use crate::panics;
use crate::supervisor::Supervisor;

thread_local! {
    /// The supervisor that lists the closure which runs on this thread.
    static LISTED_BY: RefCell<Option<Supervisor>> = const { RefCell::new(None) };
}

/// The context, the supervisor and the task that are in place at one point.
pub(crate) struct Surroundings {
    ambient: Ambient,
    /// The supervisor that lists who takes them along.
    supervisor: Supervisor,
}

impl Surroundings {
    pub(crate) fn here(supervisor: &Supervisor) -> Self {
        Self { ambient: copy(), supervisor: supervisor.clone() }
    }

    pub(crate) fn context(&self) -> Option<&Context> {
        self.ambient.context.as_ref()
    }

    /// The task of the supervisor that this is in: whose body runs here, or whose context is in place.
    pub(crate) fn task(&self) -> Option<TaskKey> {
        self.ambient.inside.or_else(|| self.supervisor.task_of(self.context()?))
    }

    /// Puts them in place around `run`, which lets no panic out.
    pub(crate) fn around<R>(&mut self, run: impl FnOnce() -> R) -> R {
        exchange(&mut self.ambient);
        let listed_by = exchange_lister(Some(self.supervisor.clone()));
        let result = run();
        exchange_lister(listed_by);
        exchange(&mut self.ambient);
        result
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        // The last handle of a context drops its values.
        panics::drop_contained(mem::take(&mut self.ambient));
    }
}

/// Whether a closure that the supervisor lists runs here.
pub(crate) fn is_in_closure_of(supervisor: &Supervisor) -> bool {
    let is_it =
        |lister: &RefCell<Option<Supervisor>>| lister.borrow().as_ref().is_some_and(|lister| lister.is(supervisor));
    // None runs on a thread that is being torn down.
    LISTED_BY.try_with(is_it).unwrap_or(false)
}

fn exchange_lister(lister: Option<Supervisor>) -> Option<Supervisor> {
    LISTED_BY.with_borrow_mut(|place| mem::replace(place, lister))
}
