//! An observer that counts and measures with the `metrics` facade.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::outcome::Outcome;
use crate::roster::TaskInfo;
use crate::supervisor::Observer;

const ENDED: &str = "detached_tasks_total";
const WAITING: &str = "detached_tasks_waiting";
const RUNNING: &str = "detached_tasks_running";
const WAIT_TIME: &str = "detached_task_wait_duration_seconds";
const RUN_TIME: &str = "detached_task_run_duration_seconds";

/// Counts and measures a supervisor's tasks with the [`metrics`](https://docs.rs/metrics) facade, for whichever
/// exporter the program installs.
///
/// | name | kind | unit | labels | what |
/// |---|---|---|---|---|
/// | `detached_tasks_total` | counter | calls | `task`, `module`, `outcome` | calls that have their outcome |
/// | `detached_tasks_waiting` | gauge | tasks | `task`, `module` | called and not started: at a `limit`, or for a free thread |
/// | `detached_tasks_running` | gauge | tasks | `task`, `module` | started and not ended |
/// | `detached_task_wait_duration_seconds` | histogram | seconds | `task`, `module` | from the call to the start, of tasks that started |
/// | `detached_task_run_duration_seconds` | histogram | seconds | `task`, `module` | from the start to the outcome, of tasks that started |
///
/// `task` is the function's name, or what its `name` option says; `outcome` is one of `completed`, `failed`,
/// `timed_out`, `panicked`, `cancelled` and `rejected`. No label has a value from a request, so the number of series is
/// bounded by the number of functions. The names carry their units, so leave an exporter's own unit suffixes off.
///
/// The facade sends a measurement to the recorder that is installed at that moment; install it before the first call,
/// or the gauges miss tasks.
///
/// ```
/// use detached::{background, Metrics, Supervisor};
///
/// #[background(timeout = "5s")]
/// async fn record_visit() {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// // after the exporter was installed
/// let supervisor = Supervisor::builder().observer(Metrics::new()).build();
/// supervisor.scope(async { record_visit().await }).await.unwrap();
/// // detached_tasks_total{task="record_visit",module="my_app",outcome="completed"} 1
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Metrics;

impl Metrics {
    /// The observer; it tells the recorder that is installed now what each metric means.
    ///
    /// ```
    /// let supervisor = detached::Supervisor::builder().observer(detached::Metrics::new()).build();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        describe_counter!(ENDED, Unit::Count, "Calls of background functions that have their outcome.");
        describe_gauge!(WAITING, Unit::Count, "Tasks that were called and have not started.");
        describe_gauge!(RUNNING, Unit::Count, "Tasks that started and have not ended.");
        describe_histogram!(WAIT_TIME, Unit::Seconds, "Time from the call to the start.");
        describe_histogram!(RUN_TIME, Unit::Seconds, "Time from the start to the outcome.");
        Self
    }
}

impl Default for Metrics {
    /// As [`Metrics::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl Observer for Metrics {
    fn on_call(&self, task: &TaskInfo) {
        gauge!(WAITING, "task" => task.name(), "module" => task.module()).increment(1);
    }

    fn on_start(&self, task: &TaskInfo) {
        let (name, module) = (task.name(), task.module());
        gauge!(WAITING, "task" => name, "module" => module).decrement(1);
        gauge!(RUNNING, "task" => name, "module" => module).increment(1);
        histogram!(WAIT_TIME, "task" => name, "module" => module).record(task.waited());
    }

    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        let (name, module) = (task.name(), task.module());
        match task.elapsed() {
            Some(elapsed) => {
                gauge!(RUNNING, "task" => name, "module" => module).decrement(1);
                histogram!(RUN_TIME, "task" => name, "module" => module).record(elapsed);
            }
            None => gauge!(WAITING, "task" => name, "module" => module).decrement(1),
        }
        counter!(ENDED, "task" => name, "module" => module, "outcome" => outcome.name()).increment(1);
    }
}
