//! `TestSupervisor`: a supervisor of one test's own.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use super::disconnect::disconnect_at;
use super::record::{Record, TestOutcome};
use crate::outcome::OutcomeKind;
use crate::roster::Drained;
use crate::supervisor::{Supervisor, SupervisorBuilder};

/// How long tasks may take after the code under test, on the test's clock.
const PATIENCE: Duration = Duration::from_secs(60);

/// A supervisor for one test: it records every outcome, and fails the test on one that went wrong.
///
/// It takes the calls made in [`run`](Self::run), by the code there and by the tasks it starts. A function that names
/// its own supervisor, and a call in a plain `tokio::spawn`, are not among them;
/// [`refuse_global`](super::refuse_global) shows what goes past it.
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

    /// Runs the code under test, waits until the tasks and the [`spawn_blocking`](crate::spawn_blocking) closures that it
    /// started have ended, and checks the tasks' outcomes. Residents, the tasks of functions with `shutdown = "cancel"`, are not waited for and go on.
    ///
    /// # Panics
    ///
    /// When a task failed, timed out, panicked or was rejected, or a call was, that was not [expected](Self::expect)
    /// to; when one that was expected to did not; when tasks still run after the [`patience`](Self::patience). The
    /// message names each task, its outcome and its caller, and where this was called. Also when the tokio runtime has no time driver.
    ///
    /// ```should_panic
    /// use detached::testing::TestSupervisor;
    /// # #[detached::background(timeout = "5s")] async fn ping() { panic!("no answer") }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let test = TestSupervisor::new();
    /// test.run(async { ping(); }).await; // panics: ping (task 17) panicked: no answer at …, called at …
    /// # }
    /// ```
    #[track_caller]
    pub fn run<F: Future>(&self, future: F) -> impl Future<Output = F::Output> {
        // Here and not in the future, which is polled by no line of the test's.
        self.run_at(Location::caller(), future)
    }

    async fn run_at<F: Future>(&self, place: &'static Location<'static>, future: F) -> F::Output {
        let output = self.supervisor.scope(future).await;
        self.settle(place).await;
        output
    }

    /// Waits until the tasks of the run at `place` have ended, and checks their outcomes.
    async fn settle(&self, place: &'static Location<'static>) {
        if tokio::time::timeout(self.patience, self.supervisor.idle()).await.is_err() {
            let mut tasks = self.supervisor.tasks();
            tasks.retain(|task| !task.function.is_resident());
            let closures: Vec<_> = self.supervisor.left_over().iter().map(shown_closure).collect();
            let (tasks, closures) = (lines(&tasks), lines(&closures));
            panic!("background tasks still run after {:?}:{tasks}{closures}\n  in the run at {place}", self.patience);
        }
        let wrong = self.record.lock().check();
        if let Some(wrong) = wrong {
            panic!("background tasks did not end as expected:{wrong}\n  in the run at {place}");
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
    #[track_caller]
    pub fn disconnect_everywhere<F: Future>(
        &self,
        mut make: impl FnMut(usize) -> F,
    ) -> impl Future<Output = Vec<Option<F::Output>>> {
        let place = Location::caller();
        async move {
            let mut came_of = Vec::new();
            while !matches!(came_of.last(), Some(Some(_))) {
                let polls = came_of.len();
                // Made in the scope too: a handler may call before its first wait.
                came_of.push(self.run_at(place, async { disconnect_at(polls, make(polls)).await }).await);
            }
            came_of
        }
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

fn shown_closure(closure: &Drained) -> String {
    let Drained { name, age, caller, .. } = closure;
    format!("{name}, running for {age:?}, called at {caller}")
}

fn lines(items: &[impl fmt::Display]) -> String {
    items.iter().fold(String::new(), |lines, item| lines + &format!("\n  {item}"))
}
