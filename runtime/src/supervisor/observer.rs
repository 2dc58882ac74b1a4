//! Observers: code of the user's that is told of every task's start and end.

use crate::outcome::Outcome;
use crate::roster::TaskInfo;

/// Is told of every call, every start and every outcome of a supervisor's tasks.
///
/// Each call gives one [`on_call`](Self::on_call), then one [`on_start`](Self::on_start) unless its body never starts,
/// then one [`on_end`](Self::on_end). The last two run on the task's thread with the task's context, carriers and span in
/// place, so [`Context::current`](crate::Context::current) gives what the task inherited; for a call that was rejected,
/// `on_end` runs in the caller, as `on_call` always does, where the caller's own are. A panic in one is contained and reported with an event of its own. They delay the task's end: hand slow work
/// to somebody else.
///
/// To send failures to an error tracker:
///
/// ```
/// use detached::{background, Context, Observer, Outcome, Supervisor, TaskInfo};
///
/// struct ErrorTracker;
///
/// impl Observer for ErrorTracker {
///     fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
///         let user = Context::current().get::<u64>("user_id").ok();
///         match outcome {
///             Outcome::Failed(failure) => println!("{}: {} for {user:?}", task.name(), failure.chain()),
///             Outcome::Panicked(panic) => println!("{}: {panic} for {user:?}", task.name()),
///             _ => {}
///         }
///     }
/// }
///
/// #[background(timeout = "5s", inherit = ["user_id?"])]
/// async fn save() -> Result<(), std::io::Error> {
///     Err(std::io::Error::other("disk full"))
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let supervisor = Supervisor::builder().observer(ErrorTracker).build();
/// supervisor.scope(async { save().await }).await.unwrap().unwrap_err();
/// # }
/// ```
pub trait Observer: Send + Sync + 'static {
    /// A call was made, and is about to be spawned or rejected. Runs in the caller, which waits for it: be quick.
    ///
    /// ```
    /// # use detached::{Observer, TaskInfo};
    /// # struct Print;
    /// # impl Observer for Print {
    /// fn on_call(&self, task: &TaskInfo) {
    ///     println!("{} called at {}", task.name(), task.caller());
    /// }
    /// # }
    /// ```
    fn on_call(&self, task: &TaskInfo) {
        let _ = task;
    }

    /// The task's body is about to be polled for the first time.
    ///
    /// ```
    /// # use detached::{Observer, TaskInfo};
    /// # struct Print;
    /// # impl Observer for Print {
    /// fn on_start(&self, task: &TaskInfo) {
    ///     println!("{} started after {:?}", task.name(), task.waited());
    /// }
    /// # }
    /// ```
    fn on_start(&self, task: &TaskInfo) {
        let _ = task;
    }

    /// The call has its outcome.
    ///
    /// ```
    /// # use detached::{Observer, Outcome, TaskInfo};
    /// # struct Print;
    /// # impl Observer for Print {
    /// fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
    ///     println!("{} {} after {:?}", task.name(), outcome.name(), task.elapsed());
    /// }
    /// # }
    /// ```
    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        let _ = (task, outcome);
    }
}
