//! Tests of code that calls background functions: wait for them, fail on what goes wrong in them, and drop a handler
//! wherever a client may disconnect. The code under test stays as it is.
//!
//! A [`TestSupervisor`] is a supervisor of the test's own, so tests that run side by side do not see each other's tasks.
//! All works under `start_paused`, where timeouts and graces pass at once.
//!
//! ```
//! use detached::{OutcomeKind, background, testing::TestSupervisor};
//!
//! #[background(timeout = "5s")]
//! async fn record_visit(page: String) -> Result<(), std::io::Error> {
//!     if page.is_empty() { Err(std::io::Error::other("no page")) } else { Ok(()) }
//! }
//!
//! async fn handler(page: &str) -> &'static str {
//!     record_visit(page.to_owned());
//!     "hello"
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
//! // in a `#[tokio::test(start_paused = true)]`
//! let test = TestSupervisor::new();
//! assert_eq!(test.run(handler("/pricing")).await, "hello");
//! test.assert_outcomes("record_visit", [OutcomeKind::Completed]);
//!
//! // A task that fails, times out, panics or is rejected fails the test, unless it was expected to.
//! test.expect("record_visit", OutcomeKind::Failed);
//! test.run(handler("")).await;
//! # }
//! ```

use std::fmt::{self, Write as _};
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use crate::observer::Observer;
use crate::outcome::{Outcome, OutcomeKind};
use crate::supervisor::{Supervisor, SupervisorBuilder};
use crate::task::TaskId;
use crate::task_info::TaskInfo;

/// How long tasks may take after the code under test, on the test's clock.
const PATIENCE: Duration = Duration::from_secs(60);

/// A supervisor for one test: it records every outcome, and fails the test on one that went wrong.
///
/// It takes the calls made in [`run`](Self::run), by the code there and by the tasks it starts. A function that names
/// its own supervisor, and a call in a plain `tokio::spawn`, are not among them.
///
/// ```
/// use detached::testing::TestSupervisor;
/// # #[detached::background(timeout = "5s")] async fn ping() {}
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let test = TestSupervisor::new();
/// test.run(async { ping(); }).await;
/// assert_eq!(test.outcomes()[0].name, "ping");
/// # }
/// ```
#[derive(Debug)]
pub struct TestSupervisor {
    supervisor: Supervisor,
    record: Record,
    patience: Duration,
}

/// What a task came to, as a [`TestSupervisor`] recorded it.
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
}

impl fmt::Display for TestOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, kind, detail, caller } = self;
        let kind = kind.name().replace('_', " ");
        let colon = if detail.is_empty() { "" } else { ": " };
        write!(f, "{name} (task {id}) {kind}{colon}{detail}, called at {caller}")
    }
}

#[derive(Clone, Debug, Default)]
struct Record(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    outcomes: Vec<TestOutcome>,
    /// How many of them were looked at by the end of a run.
    checked: usize,
    expected: Vec<(&'static str, OutcomeKind)>,
}

impl Record {
    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Record {
    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        let detail = match outcome {
            Outcome::Completed | Outcome::TimedOut => String::new(),
            Outcome::Failed(failure) => failure.chain(),
            Outcome::Panicked(panic) => panic.to_string(),
            Outcome::Cancelled(cause) => cause.to_string(),
            Outcome::Rejected(reason) => reason.to_string(),
        };
        let (name, caller) = (task.name(), task.caller());
        self.lock().outcomes.push(TestOutcome { id: task.id(), name, kind: outcome.kind(), detail, caller });
    }
}

impl Recorded {
    /// Takes what came since the last check against what was expected; gives what went wrong, as text.
    fn check(&mut self) -> Option<String> {
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

impl Default for TestSupervisor {
    /// As [`TestSupervisor::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl TestSupervisor {
    /// A supervisor with every setting at its default.
    ///
    /// ```
    /// let test = detached::testing::TestSupervisor::new();
    /// assert!(test.outcomes().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with(Supervisor::builder())
    }

    /// A supervisor with settings of its own, such as the program's observers.
    ///
    /// ```
    /// use detached::{Supervisor, testing::TestSupervisor};
    /// let test = TestSupervisor::with(Supervisor::builder().max_tasks(1));
    /// ```
    #[must_use]
    pub fn with(builder: SupervisorBuilder) -> Self {
        let record = Record::default();
        let supervisor = builder.observer(record.clone()).build();
        Self { supervisor, record, patience: PATIENCE }
    }

    /// How long tasks may take after the code under test, on the test's clock, which a paused one passes at once; one
    /// minute by default.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let test = detached::testing::TestSupervisor::new().patience(Duration::from_secs(3600));
    /// ```
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The supervisor itself: to list its tasks, to drain it, to hand it to the program.
    ///
    /// ```
    /// let test = detached::testing::TestSupervisor::new();
    /// assert_eq!(test.supervisor().counts().called, 0);
    /// ```
    #[must_use]
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// Expects one task of the function to end so in the next [`run`](Self::run): it is then no mistake, and it is one
    /// if none does. To be called once for each such task.
    ///
    /// ```
    /// use detached::{OutcomeKind, testing::TestSupervisor};
    /// # #[detached::background(timeout = "5s")] async fn ping() { panic!("no answer") }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let test = TestSupervisor::new();
    /// test.expect("ping", OutcomeKind::Panicked);
    /// test.run(async { ping(); }).await;
    /// # }
    /// ```
    pub fn expect(&self, name: &'static str, kind: OutcomeKind) {
        self.record.lock().expected.push((name, kind));
    }

    /// Runs the code under test, waits until the tasks it started have ended, and checks their outcomes.
    ///
    /// # Panics
    ///
    /// When a task failed, timed out, panicked or was rejected, or a call was, that was not [expected](Self::expect)
    /// to; when one that was expected to did not; when tasks still run after the [`patience`](Self::patience). The
    /// message names each task, its outcome and its caller. Also when the tokio runtime has no time driver.
    ///
    /// ```should_panic
    /// use detached::testing::TestSupervisor;
    /// # #[detached::background(timeout = "5s")] async fn ping() { panic!("no answer") }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let test = TestSupervisor::new();
    /// test.run(async { ping(); }).await; // panics: ping (task 17) panicked: no answer at …, called at …
    /// # }
    /// ```
    pub async fn run<F: Future>(&self, future: F) -> F::Output {
        let output = self.supervisor.scope(future).await;
        self.settle().await;
        output
    }

    /// Waits until the tasks have ended, and checks their outcomes.
    async fn settle(&self) {
        if tokio::time::timeout(self.patience, self.supervisor.idle()).await.is_err() {
            let tasks = lines(&self.supervisor.tasks());
            panic!("background tasks still run after {:?}:{tasks}", self.patience);
        }
        let wrong = self.record.lock().check();
        if let Some(wrong) = wrong {
            panic!("background tasks did not end as expected:{wrong}");
        }
    }

    /// Runs `make(0)`, `make(1)`, … and drops each as its client disconnects, at its first wait, its second, …, until
    /// one ends before that. After each it waits for the tasks and checks them, as [`run`](Self::run) does.
    ///
    /// Gives what came of each: `None` where the future was dropped; the last one is the output.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    ///
    /// ```
    /// use detached::{OutcomeKind, testing::TestSupervisor};
    /// # #[detached::background(timeout = "5s")] async fn charge() { tokio::task::yield_now().await }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// async fn handler() -> &'static str {
    ///     tokio::task::yield_now().await; // it may be cut off here,
    ///     let _ = charge().await; // or here, and then the task goes on
    ///     "charged"
    /// }
    ///
    /// let test = TestSupervisor::new();
    /// let came_of = test.disconnect_everywhere(|_| handler()).await;
    /// assert_eq!(came_of.last(), Some(&Some("charged")));
    /// // Dropped before its first poll and at its first wait, it has charged nobody; from then on it always has.
    /// assert_eq!(test.supervisor().counts().completed, came_of.len() as u64 - 2);
    /// # }
    /// ```
    pub async fn disconnect_everywhere<F: Future>(&self, mut make: impl FnMut(usize) -> F) -> Vec<Option<F::Output>> {
        let mut came_of = Vec::new();
        while !matches!(came_of.last(), Some(Some(_))) {
            let polls = came_of.len();
            // Made in the scope too: a handler may call before its first wait.
            came_of.push(self.run(async { disconnect_at(polls, make(polls)).await }).await);
        }
        came_of
    }

    /// Every outcome so far, in the order of the ends.
    ///
    /// ```
    /// let test = detached::testing::TestSupervisor::new();
    /// assert!(test.outcomes().is_empty());
    /// ```
    #[must_use]
    pub fn outcomes(&self) -> Vec<TestOutcome> {
        self.record.lock().outcomes.clone()
    }

    /// Asserts how all tasks of the function ended so far, in the order of their ends.
    ///
    /// # Panics
    ///
    /// When they ended otherwise; the message lists every outcome.
    ///
    /// ```
    /// use detached::{OutcomeKind, testing::TestSupervisor};
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let test = TestSupervisor::new();
    /// test.run(async { ping(); ping(); }).await;
    /// test.assert_outcomes("ping", [OutcomeKind::Completed; 2]);
    /// test.assert_outcomes("pong", []);
    /// # }
    /// ```
    #[track_caller]
    pub fn assert_outcomes(&self, name: &str, kinds: impl IntoIterator<Item = OutcomeKind>) {
        let outcomes = self.outcomes();
        let expected: Vec<_> = kinds.into_iter().collect();
        let found: Vec<_> =
            outcomes.iter().filter(|outcome| outcome.name == name).map(|outcome| outcome.kind).collect();
        if found != expected {
            let all = lines(&outcomes);
            panic!("the tasks of `{name}` ended in {found:?}, not in {expected:?}; all outcomes:{all}");
        }
    }
}

fn lines(items: &[impl fmt::Display]) -> String {
    items.iter().fold(String::new(), |lines, item| lines + &format!("\n  {item}"))
}

/// Polls `future` `polls` times and drops it, as a server drops a handler whose client disconnects. Gives the output if
/// it ended before that.
///
/// Each poll but the first comes when the future asks for it, and the last one is followed by the drop at once: so it is
/// dropped at its `polls`th wait, and with 0 before it has begun.
///
/// ```
/// use detached::testing::{TestSupervisor, disconnect_at};
/// # #[detached::background(timeout = "5s")] async fn charge() { tokio::task::yield_now().await }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let test = TestSupervisor::new();
/// let response = test.run(disconnect_at(1, async { charge().await })).await;
/// assert_eq!(response, None); // the handler was cut off where it waited,
/// test.assert_outcomes("charge", [detached::OutcomeKind::Completed]); // and the work was done
/// # }
/// ```
pub async fn disconnect_at<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left > 0 {
            left -= 1;
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
        }
        if left == 0 { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}
