//! What the page shows, gathered in one look.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::roster::{Counts, FunctionCounts, TaskInfo, TaskState};
use crate::supervisor::{Mishap, Supervisor};

/// So many live tasks are listed one by one, the oldest first; of more only the sums are shown.
pub(super) const LISTED: usize = 100;

/// What the page shows.
pub(super) struct View {
    pub(super) is_draining: bool,
    pub(super) counts: Counts,
    pub(super) live: Vec<LiveOf>,
    /// How many live tasks there are, of which [`LISTED`] are in `tasks`.
    pub(super) total: usize,
    pub(super) tasks: Vec<TaskInfo>,
    /// The last first.
    pub(super) mishaps: Vec<Mishap>,
}

/// The live tasks of one function in one state.
pub(super) struct LiveOf {
    pub(super) module: &'static str,
    pub(super) name: &'static str,
    pub(super) state: TaskState,
    pub(super) tasks: usize,
    pub(super) oldest: Duration,
}

impl View {
    pub(super) fn of(supervisor: &Supervisor) -> Self {
        let mut tasks = supervisor.tasks();
        let total = tasks.len();
        let live = sum_up(&tasks);
        tasks.sort_by_key(|task| std::cmp::Reverse(task.age()));
        tasks.truncate(LISTED);
        let mut counts = supervisor.counts();
        counts.functions.sort_by_key(|function: &FunctionCounts| (function.module, function.name));
        let mishaps = supervisor.mishaps().list();
        Self { is_draining: supervisor.is_draining(), counts, live, total, tasks, mishaps }
    }
}

fn sum_up(tasks: &[TaskInfo]) -> Vec<LiveOf> {
    let mut sums = BTreeMap::new();
    for task in tasks {
        let (module, name, state) = (task.module(), task.name(), task.state());
        let sum = sums.entry((module, name, word_of(state))).or_insert(LiveOf {
            module,
            name,
            state,
            tasks: 0,
            oldest: Duration::ZERO,
        });
        sum.tasks += 1;
        sum.oldest = sum.oldest.max(task.age());
    }
    sums.into_values().collect()
}

pub(super) fn word_of(state: TaskState) -> &'static str {
    match state {
        TaskState::Waiting => "waiting",
        TaskState::Running => "running",
        TaskState::Stopping => "stopping",
    }
}
