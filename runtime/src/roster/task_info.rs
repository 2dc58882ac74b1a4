//! What lists, reports and observers say of a task.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::entry::Entry;
use super::stop::Stop;
use super::task_id::TaskId;
use super::task_state::TaskState;
use crate::context::{Missed, Named, Snapshot};
use crate::function::Function;
use crate::line::on_one_line;

/// A task as it is, or was, at one moment.
///
/// ```
/// for task in detached::Supervisor::global().tasks() {
///     println!("{task}"); // record_visit (task 17), running for 1.2s, called at src/main.rs:41:5, user_id: 7
/// }
/// ```
#[derive(Clone)]
pub struct TaskInfo {
    pub(crate) id: TaskId,
    pub(crate) function: &'static Function,
    pub(crate) caller: &'static Location<'static>,
    pub(crate) state: TaskState,
    pub(crate) age: Duration,
    pub(crate) waited: Duration,
    pub(crate) elapsed: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    /// Until the deadline. Kept in every build, for a field that comes and goes would clutter each place that makes one.
    // Read by the page and by serde's form.
    #[cfg_attr(not(any(feature = "serde", feature = "tower")), expect(dead_code))]
    pub(crate) remaining: Option<Duration>,
    pub(crate) values: Snapshot,
    /// Why it is to stop, if it is.
    pub(crate) stop: Option<Stop>,
    /// Of a rejected call: where the value that it misses was looked for.
    pub(crate) missed: Option<Missed>,
}

impl TaskInfo {
    /// `started` is what the task itself knows before the roster does, if it does.
    pub(crate) fn of_entry(entry: &Entry, started: Option<Instant>, now: Instant) -> Self {
        let age = now.saturating_duration_since(entry.called);
        let elapsed = started.or(entry.started).map(|started| now.saturating_duration_since(started));
        Self {
            id: entry.task_id(),
            function: entry.function,
            caller: entry.caller,
            state: entry.state(),
            age,
            waited: age.saturating_sub(elapsed.unwrap_or_default()),
            elapsed,
            timeout: entry.bound.length,
            deadline: entry.bound.deadline,
            remaining: entry.bound.deadline.map(|deadline| deadline.saturating_duration_since(now)),
            values: entry.values.clone(),
            stop: entry.stop.clone(),
            missed: None,
        }
    }

    /// The task's number; a rejected call has one too.
    ///
    /// ```
    /// # use detached::TaskInfo;
    /// fn label(task: &TaskInfo) -> String { format!("task {}", task.id()) }
    /// ```
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.id
    }

    /// The function's name, or what its `name` option says.
    ///
    /// ```
    /// # use detached::TaskInfo;
    /// fn is_audit(task: &TaskInfo) -> bool { task.name() == "audit" }
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.function.name
    }

    /// The module of the function.
    ///
    /// ```
    /// # use detached::TaskInfo;
    /// fn path(task: &TaskInfo) -> String { format!("{}::{}", task.module(), task.name()) }
    /// ```
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.function.module
    }

    /// Where the call was made.
    ///
    /// ```
    /// # use detached::TaskInfo;
    /// fn line(task: &TaskInfo) -> u32 { task.caller().line() }
    /// ```
    #[must_use]
    pub fn caller(&self) -> &'static Location<'static> {
        self.caller
    }

    /// What the task is doing. In [`Observer::on_end`](crate::Observer::on_end), what it was doing before it ended.
    ///
    /// ```
    /// # use detached::{TaskInfo, TaskState};
    /// fn is_waiting(task: &TaskInfo) -> bool { task.state() == TaskState::Waiting }
    /// ```
    #[must_use]
    pub fn state(&self) -> TaskState {
        self.state
    }

    /// The time since the call.
    ///
    /// ```
    /// # use detached::TaskInfo;
    /// fn oldest(tasks: &[TaskInfo]) -> Option<&TaskInfo> { tasks.iter().max_by_key(|task| task.age()) }
    /// ```
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }

    /// The time from the call to the first poll of the body, or until now while there was none.
    ///
    /// It is part of the bound, which counts from the call; but for the wait at a `limit`, which is a queue's and has its own
    /// bound, `start_timeout`: there the bound counts from the turn.
    ///
    /// In a list, a body that has not waited for anything yet counts as not started.
    ///
    /// ```
    /// # use detached::TaskInfo;
    /// fn was_late(task: &TaskInfo) -> bool { task.waited().as_secs() > 1 }
    /// ```
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// The time since the body's first poll; `None` while there was none.
    ///
    /// The bound counts from before that, from the call or from the turn at a `limit`: [`deadline`](Self::deadline) says when it
    /// is over.
    ///
    /// In a list, a body that has not waited for anything yet counts as not started.
    ///
    /// ```
    /// # use detached::TaskInfo;
    /// fn seconds(task: &TaskInfo) -> f64 { task.elapsed().map_or(0.0, |elapsed| elapsed.as_secs_f64()) }
    /// ```
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        self.elapsed
    }

    /// When the task times out; `None` if nothing bounds it, or while it waits for its turn at a `limit`: the bound counts
    /// from the call, or from that turn.
    ///
    /// ```
    /// # use detached::TaskInfo;
    /// fn is_bounded(task: &TaskInfo) -> bool { task.deadline().is_some() }
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The inherited values, by name. Sensitive ones are left out.
    ///
    /// ```
    /// # use detached::TaskInfo;
    /// fn user(task: &TaskInfo) -> Option<String> {
    ///     task.values().find(|(name, _)| *name == "user_id").map(|(_, value)| format!("{value:?}"))
    /// }
    /// ```
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &dyn fmt::Debug)> {
        shown(&self.values).map(|value| (value.name(), value as &dyn fmt::Debug))
    }
}

/// The values that may be shown.
pub(crate) fn shown(values: &[Arc<Named>]) -> impl Iterator<Item = &Named> {
    values.iter().map(|value| &**value).filter(|value| value.is_shown())
}

impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.name();
        write!(
            f,
            "{} (task {}), {state} for {:?}, called at {}",
            on_one_line(self.name()),
            self.id,
            self.elapsed.unwrap_or(self.age),
            self.caller
        )?;
        self.values().try_for_each(|(name, value)| write!(f, ", {}: {value:?}", on_one_line(name)))
    }
}

impl fmt::Debug for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskInfo")
            .field("id", &self.id)
            .field("name", &self.name())
            .field("module", &self.module())
            .field("caller", &self.caller.to_string())
            .field("state", &self.state)
            .field("age", &self.age)
            .field("waited", &self.waited)
            .field("elapsed", &self.elapsed)
            .field("deadline", &self.deadline)
            .field("values", &self.values().map(|(name, value)| format!("{name}: {value:?}")).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
