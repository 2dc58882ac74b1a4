//! A supervisor under watch: what its observer is told, what is recorded of it and what it counts must agree.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use detached::{Counts, Observer, Outcome, OutcomeKind, Supervisor, SupervisorBuilder, TaskBuilder, TaskInfo};
use tracing::dispatcher::DefaultGuard;

use crate::recording::Recording;

/// The supervisor, and what was seen of it. While it lives it is the thread's subscriber.
pub struct Witness {
    pub supervisor: Supervisor,
    pub recording: Recording,
    log: Log,
    _subscriber: DefaultGuard,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Seen>>>);

/// What an observer was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Start(&'static str),
    End(&'static str, OutcomeKind),
}

impl Observer for Log {
    fn on_start(&self, task: &TaskInfo) {
        self.push(Seen::Start(task.name()));
    }

    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        self.push(Seen::End(task.name(), outcome.kind()));
    }
}

impl Log {
    fn push(&self, seen: Seen) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }
}

impl Default for Witness {
    fn default() -> Self {
        Self::new()
    }
}

impl Witness {
    pub fn new() -> Self {
        Self::of(Supervisor::builder())
    }

    pub fn of(builder: SupervisorBuilder) -> Self {
        let (log, recording) = (Log::default(), Recording::new());
        let subscriber = recording.set_default();
        Self { supervisor: builder.observer(log.clone()).build(), recording, log, _subscriber: subscriber }
    }

    /// Begins a task of this supervisor.
    #[track_caller]
    pub fn task(&self, name: &'static str) -> TaskBuilder {
        detached::task(name).supervisor(&self.supervisor)
    }

    /// What the observer was told, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.log.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asserts that each call so far has one outcome, one event and one call of the observer, and gives the counts.
    #[track_caller]
    pub fn check(&self) -> Counts {
        let counts = self.supervisor.counts();
        assert_eq!(counts.called, counts.live() + counts.ended(), "{counts:?}");
        assert_eq!(counts.live(), self.supervisor.tasks().len() as u64, "{counts:?}");

        let mut counted = BTreeMap::new();
        for function in &counts.functions {
            for kind in OutcomeKind::ALL {
                *counted.entry((function.name.to_owned(), kind.name().to_owned())).or_insert(0) += function.of(kind);
            }
        }
        counted.retain(|_, calls| *calls != 0);

        let mut observed = BTreeMap::new();
        for seen in self.seen() {
            if let Seen::End(name, kind) = seen {
                *observed.entry((name.to_owned(), kind.name().to_owned())).or_insert(0) += 1;
            }
        }
        assert_eq!(observed, counted, "the observer's calls against the counts");

        let mut recorded = BTreeMap::new();
        let mut ids = Vec::new();
        for event in self.recording.events() {
            let field = |name| event.field(name).map(str::to_owned);
            if let (Some(task), Some(outcome)) = (field("task"), field("outcome")) {
                *recorded.entry((task, outcome)).or_insert(0) += 1;
                ids.extend(field("task.id"));
            }
        }
        assert_eq!(recorded, counted, "the events against the counts");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len() as u64, counts.ended(), "a task id for each outcome");
        counts
    }
}
