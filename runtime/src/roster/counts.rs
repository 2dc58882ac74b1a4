//! Counting: calls, live tasks and outcomes, in sum and by function.

use std::ops::{AddAssign, Deref};

use crate::outcome::OutcomeKind;

/// How many calls there were, and what became of them.
///
/// At every moment `called` is the sum of `waiting`, `running` and the six outcomes.
///
/// ```
/// let counts = detached::Supervisor::new().counts();
/// assert_eq!(counts.called, counts.live() + counts.ended());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls, whatever became of them.
    pub called: u64,
    /// Live tasks that wait for their turn at a `limit`.
    pub waiting: u64,
    /// Live tasks that run, or are stopping.
    pub running: u64,
    /// Tasks that completed.
    pub completed: u64,
    /// Tasks that returned an error.
    pub failed: u64,
    /// Tasks that timed out.
    pub timed_out: u64,
    /// Tasks that panicked.
    pub panicked: u64,
    /// Tasks that were cancelled.
    pub cancelled: u64,
    /// Calls that were rejected.
    pub rejected: u64,
}

impl Tally {
    /// The live tasks: waiting and running.
    ///
    /// ```
    /// assert_eq!(detached::Supervisor::new().counts().live(), 0);
    /// ```
    #[must_use]
    pub fn live(&self) -> u64 {
        self.waiting + self.running
    }

    /// The calls that have their outcome.
    ///
    /// ```
    /// assert_eq!(detached::Supervisor::new().counts().ended(), 0);
    /// ```
    #[must_use]
    pub fn ended(&self) -> u64 {
        OutcomeKind::ALL.into_iter().map(|kind| self.of(kind)).sum()
    }

    /// The calls that ended in `kind`.
    ///
    /// ```
    /// use detached::OutcomeKind;
    /// assert_eq!(detached::Supervisor::new().counts().of(OutcomeKind::Failed), 0);
    /// ```
    #[must_use]
    pub fn of(&self, kind: OutcomeKind) -> u64 {
        match kind {
            OutcomeKind::Completed => self.completed,
            OutcomeKind::Failed => self.failed,
            OutcomeKind::TimedOut => self.timed_out,
            OutcomeKind::Panicked => self.panicked,
            OutcomeKind::Cancelled => self.cancelled,
            OutcomeKind::Rejected => self.rejected,
        }
    }

    #[inline]
    fn of_mut(&mut self, kind: OutcomeKind) -> &mut u64 {
        match kind {
            OutcomeKind::Completed => &mut self.completed,
            OutcomeKind::Failed => &mut self.failed,
            OutcomeKind::TimedOut => &mut self.timed_out,
            OutcomeKind::Panicked => &mut self.panicked,
            OutcomeKind::Cancelled => &mut self.cancelled,
            OutcomeKind::Rejected => &mut self.rejected,
        }
    }

    /// A call put a task on the roster.
    #[inline]
    pub(crate) fn call(&mut self, waiting: bool) {
        self.called += 1;
        *self.live_mut(waiting) += 1;
    }

    /// A waiting task got its turn.
    pub(crate) fn start(&mut self) {
        self.waiting -= 1;
        self.running += 1;
    }

    /// A task ended.
    #[inline]
    pub(crate) fn end(&mut self, waiting: bool, kind: OutcomeKind) {
        *self.live_mut(waiting) -= 1;
        *self.of_mut(kind) += 1;
    }

    /// A call was rejected before it was a task.
    pub(crate) fn reject(&mut self) {
        self.called += 1;
        self.rejected += 1;
    }

    #[inline]
    fn live_mut(&mut self, waiting: bool) -> &mut u64 {
        if waiting { &mut self.waiting } else { &mut self.running }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.called += other.called;
        self.waiting += other.waiting;
        self.running += other.running;
        for kind in OutcomeKind::ALL {
            *self.of_mut(kind) += other.of(kind);
        }
    }
}

/// A supervisor's counts, in sum and by function; derefs to the sum.
///
/// ```
/// use detached::{background, Supervisor};
///
/// #[background(timeout = "5s")]
/// async fn ping() {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let supervisor = Supervisor::new();
/// supervisor.scope(async { ping().await }).await.unwrap();
/// let counts = supervisor.counts();
/// assert_eq!((counts.called, counts.completed), (1, 1));
/// assert_eq!(counts.function("ping").completed, 1);
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Over all functions.
    pub sum: Tally,
    /// By function, for those that were called; in the order of their modules and names.
    pub functions: Vec<FunctionCounts>,
}

impl Counts {
    /// The counts of the functions named `name`, in sum if several modules have one; zeros if it was never called.
    ///
    /// ```
    /// assert_eq!(detached::Supervisor::new().counts().function("ping").called, 0);
    /// ```
    #[must_use]
    pub fn function(&self, name: &str) -> Tally {
        let mut sum = Tally::default();
        for function in self.functions.iter().filter(|function| function.name == name) {
            sum += function.tally;
        }
        sum
    }
}

impl Deref for Counts {
    type Target = Tally;

    fn deref(&self) -> &Tally {
        &self.sum
    }
}

/// The counts of one function; derefs to its tally.
///
/// ```
/// for function in detached::Supervisor::global().counts().functions {
///     println!("{}::{} failed {} times", function.module, function.name, function.failed);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCounts {
    /// The function's name, or what its `name` option says.
    pub name: &'static str,
    /// The module the function is in.
    pub module: &'static str,
    /// Its counts.
    pub tally: Tally,
}

impl Deref for FunctionCounts {
    type Target = Tally;

    fn deref(&self) -> &Tally {
        &self.tally
    }
}
