//! What a test's tasks came to, beside what the test expects.

use std::fmt::{self, Write as _};
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::line::on_one_line;
use crate::outcome::{Outcome, OutcomeKind};
use crate::roster::{TaskId, TaskInfo};
use crate::supervisor::Observer;

/// What a task came to, as a [`TestSupervisor`](super::TestSupervisor) recorded it.
///
/// ```
/// use detached::testing::TestSupervisor;
/// # #[detached::background(timeout = "5s")] async fn ping() {}
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let test = TestSupervisor::new();
/// test.run(async { ping(); }).await;
/// println!("{}", test.outcomes()[0]); // ping (task 17) completed, called at src/testing.rs:5:18
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestOutcome {
    /// The task's number.
    pub id: TaskId,
    /// The function's name, or what its `name` option says.
    pub name: &'static str,
    /// Which outcome it was.
    pub kind: OutcomeKind,
    /// The error with its sources, the panic, the cause or the reason; empty where there is none.
    pub detail: String,
    /// Where the call was made.
    pub caller: &'static Location<'static>,
    /// The inherited values by name, as their `Debug` shows them. Sensitive ones are left out.
    pub values: Vec<(&'static str, String)>,
}

impl fmt::Display for TestOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, kind, detail, caller, values: _ } = self;
        let (name, kind) = (on_one_line(name), kind.name().replace('_', " "));
        let colon = if detail.is_empty() { "" } else { ": " };
        write!(f, "{name} (task {id}) {kind}{colon}{detail}, called at {caller}")
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Record(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub(super) outcomes: Vec<TestOutcome>,
    /// How many of them were looked at by the end of a run.
    checked: usize,
    pub(super) expected: Vec<(&'static str, OutcomeKind)>,
}

impl Record {
    pub(super) fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Record {
    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        let detail = outcome.said(task.missed).map_or_else(String::new, |(_, text)| text);
        let (id, name, caller) = (task.id(), task.name(), task.caller());
        let values = task.values().map(|(name, value)| (name, format!("{value:?}"))).collect();
        self.lock().outcomes.push(TestOutcome { id, name, kind: outcome.kind(), detail, caller, values });
    }
}

impl Recorded {
    /// Takes what came since the last check against what was expected; gives what went wrong, as text.
    pub(super) fn check(&mut self) -> Option<String> {
        let mut wrong = String::new();
        let Self { outcomes, checked, expected } = self;
        for outcome in &outcomes[*checked..] {
            let met = expected.iter().position(|(name, kind)| *name == outcome.name && *kind == outcome.kind);
            if let Some(met) = met {
                expected.swap_remove(met);
            } else if !matches!(outcome.kind, OutcomeKind::Completed | OutcomeKind::Cancelled) {
                let _ = write!(wrong, "\n  {outcome}");
            }
        }
        for (name, kind) in expected.drain(..) {
            let kind = kind.name().replace('_', " ");
            let _ = write!(wrong, "\n  no task of `{name}` ended as expected: {kind}");
        }
        *checked = outcomes.len();
        (!wrong.is_empty()).then_some(wrong)
    }
}
