//! The closures of [`spawn_blocking`](crate::spawn_blocking) that run: no tasks, yet a drain waits for them and names them.

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::drained::Drained;
use super::roster::Roster;
use super::task_id::TaskId;
use crate::context::TaskKey;

/// What a report calls each of them.
const NAME: &str = "spawn_blocking";

/// One of them.
pub(crate) struct Closure {
    pub(crate) caller: &'static Location<'static>,
    pub(crate) called: Instant,
    /// The task that it was started in.
    pub(crate) task: Option<TaskKey>,
}

impl Closure {
    /// Whether its task is there to answer for it.
    fn has_live_task(&self, roster: &Roster) -> bool {
        self.task.is_some_and(|task| roster.is_live(task))
    }
}

/// Those of one supervisor, from the call to the end, by their numbers.
///
/// One lock for all: beside what it costs to hand a closure to another thread it is nothing. It is taken before any shard's.
#[derive(Default)]
pub(crate) struct Closures(Mutex<BTreeMap<TaskId, Closure>>);

impl Closures {
    pub(crate) fn begin(&self, id: TaskId, closure: Closure) {
        self.lock().insert(id, closure);
    }

    pub(crate) fn end(&self, id: TaskId) {
        self.lock().remove(&id);
    }

    /// Whether no task lives, as `no_task_lives` says, and no closure runs that none answers for.
    ///
    /// Under the lock, so that both are so at one moment: what else could start one of the two is one of the two.
    pub(crate) fn are_over(&self, roster: &Roster, no_task_lives: impl FnOnce() -> bool) -> bool {
        let running = self.lock();
        no_task_lives() && running.values().all(|closure| closure.has_live_task(roster))
    }

    /// Those that no live task answers for.
    pub(crate) fn left_over(&self, roster: &Roster, now: Instant) -> Vec<Drained> {
        let running = self.lock();
        let left_over = running.iter().filter(|(_, closure)| !closure.has_live_task(roster));
        let drained = |(id, closure): (&TaskId, &Closure)| Drained {
            id: *id,
            name: NAME,
            module: "detached",
            age: now.saturating_duration_since(closure.called),
            caller: closure.caller,
            is_lost: true,
        };
        left_over.map(drained).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TaskId, Closure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
