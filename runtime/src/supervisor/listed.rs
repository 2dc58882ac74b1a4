//! A closure of [`spawn_blocking`](crate::spawn_blocking), on the list of its supervisor.

use std::panic::Location;

use super::supervisor::Supervisor;
use crate::context::TaskKey;
use crate::roster::{Closure, Drained, TaskId};

/// While it lives, the supervisor waits for a closure.
pub(crate) struct Listed {
    supervisor: Supervisor,
    id: TaskId,
}

impl Supervisor {
    /// Lists a closure that is started at `caller`, in `task` if in any.
    pub(crate) fn list(&self, caller: &'static Location<'static>, task: Option<TaskKey>) -> Listed {
        let id = self.roster().new_id();
        self.closures().begin(id, Closure { caller, called: self.now(), task });
        Listed { supervisor: self.clone(), id }
    }

    /// The closures that run and that no live task answers for.
    pub(crate) fn left_over(&self) -> Vec<Drained> {
        self.closures().left_over(self.roster(), self.now())
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.supervisor.closures().end(self.id);
        self.supervisor.tell_of_leave();
    }
}
