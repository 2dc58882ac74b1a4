//! What the page shows, gathered in one look.

use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::roster::{Counts, TaskInfo, TaskState};
use crate::supervisor::{Mishap, Supervisor};

/// So many live tasks are listed one by one, the oldest first; of more only the sums are shown.
pub(super) const LISTED: usize = 100;

/// What the page shows.
pub(super) struct View {
    pub(super) is_draining: bool,
    pub(super) counts: Counts,
    /// All live tasks, summed up.
    pub(super) live: Vec<LiveOf>,
    /// The [`LISTED`] oldest of them, the oldest first.
    pub(super) tasks: Vec<TaskInfo>,
    /// The last first.
    pub(super) mishaps: Vec<Arc<Mishap>>,
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
        let (live, oldest) = sum_up(supervisor);
        Self {
            is_draining: supervisor.is_draining(),
            counts: supervisor.counts(),
            live,
            tasks: list(supervisor, &oldest),
            mishaps: supervisor.mishaps().list(),
        }
    }

    /// How many tasks are live.
    pub(super) fn total(&self) -> usize {
        self.live.iter().map(|live| live.tasks).sum()
    }
}

/// All live tasks in sums, and the numbers of the oldest: of a million of them, the page is to copy a hundred.
fn sum_up(supervisor: &Supervisor) -> (Vec<LiveOf>, HashSet<u64>) {
    let now = supervisor.now();
    let mut sums = BTreeMap::new();
    // The youngest on top.
    let mut oldest: BinaryHeap<(Instant, u64)> = BinaryHeap::new();
    supervisor.roster().for_each(|entry| {
        let (module, name, state) = (entry.function.module, entry.function.name, entry.state());
        let sum = sums.entry((module, name, state.name())).or_insert(LiveOf {
            module,
            name,
            state,
            tasks: 0,
            oldest: Duration::ZERO,
        });
        sum.tasks += 1;
        sum.oldest = sum.oldest.max(now.saturating_duration_since(entry.called));
        oldest.push((entry.called, entry.id));
        if oldest.len() > LISTED {
            oldest.pop();
        }
    });
    (sums.into_values().collect(), oldest.into_iter().map(|(_, id)| id).collect())
}

/// Those tasks, if they are live still, the oldest first.
fn list(supervisor: &Supervisor, ids: &HashSet<u64>) -> Vec<TaskInfo> {
    let now = supervisor.now();
    let mut tasks = Vec::with_capacity(ids.len());
    supervisor.roster().for_each(|entry| {
        if ids.contains(&entry.id) {
            tasks.push(TaskInfo::of_entry(entry, None, now));
        }
    });
    tasks.sort_by_key(|task| (std::cmp::Reverse(task.age()), task.id()));
    tasks
}
