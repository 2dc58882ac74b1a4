//! One call, made in five ways: bare, ours, by hand, and by what others offer.

use std::convert::Infallible;
use std::future::Future;
use std::panic::Location;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use detached::{Context, background};
use tokio::time::{Instant, timeout};
use tokio_task_supervisor::TaskSupervisor;
use tokio_util::task::TaskTracker;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::handwritten::{Background, VALUES, Values};

/// The bound of every task that has one; no task comes near it.
const BOUND: Duration = Duration::from_secs(3600);

/// The names of the values that the caller has.
const NAMES: [&str; 4] = ["user_id", "tenant", "request_id", "locale"];

/// Who makes the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contender {
    /// `tokio::spawn`, which does nothing of what the others do.
    Bare,
    /// `#[background]`.
    Ours,
    /// [`crate::handwritten`].
    Handwritten,
    /// A `TaskTracker` of tokio-util, and a `timeout` where there is a bound.
    Tracker,
    /// A `TaskSupervisor` of the crate tokio-task-supervisor, and a `timeout` where there is a bound.
    TaskSupervisor,
}

impl Contender {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Bare, Self::Ours, Self::Handwritten, Self::Tracker, Self::TaskSupervisor];

    /// The yardsticks from below and from above, and ours.
    pub const MAIN: [Self; 3] = [Self::Bare, Self::Ours, Self::Handwritten];

    /// As the tables have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Ours => "ours",
            Self::Handwritten => "handwritten",
            Self::Tracker => "tracker",
            Self::TaskSupervisor => "task-supervisor",
        }
    }
}

/// One row of the tables: what is called.
#[derive(Clone, Copy)]
pub struct Case {
    /// What the body does.
    pub body: &'static str,
    /// How many values the task inherits.
    pub values: usize,
    /// Whether the task has a bound.
    pub timeout: bool,
    calls: [fn(); Contender::ALL.len()],
}

impl Case {
    /// Makes one call and drops its handle.
    #[must_use]
    pub fn call(&self, contender: Contender) -> fn() {
        self.calls[contender as usize]
    }

    /// The row's name.
    #[must_use]
    pub fn name(&self) -> String {
        let timeout = if self.timeout { "timeout" } else { "no timeout" };
        let plural = if self.values == 1 { "" } else { "s" };
        format!("{}, {} value{plural}, {timeout}", self.body, self.values)
    }
}

/// What the handwritten calls are spawned on.
pub static BACKGROUND: LazyLock<Background> = LazyLock::new(Background::default);

/// What the tracker's calls are spawned on.
pub static TRACKER: LazyLock<TaskTracker> = LazyLock::new(TaskTracker::new);

/// What the task supervisor's calls are spawned on.
pub static TASK_SUPERVISOR: LazyLock<TaskSupervisor> = LazyLock::new(TaskSupervisor::new);

/// Runs `future` where the caller has its values, in the contender's way of having them.
pub async fn with_values<F: Future>(contender: Contender, future: F) -> F::Output {
    match contender {
        // Values are not theirs to carry.
        Contender::Bare | Contender::Tracker | Contender::TaskSupervisor => future.await,
        Contender::Ours => {
            let context = NAMES.into_iter().zip(1_u64..).fold(Context::new(), |context, (n, v)| context.with(n, v));
            context.scope(future).await
        }
        Contender::Handwritten => {
            let values: Values = NAMES.into_iter().zip(1_u64..).map(|(n, v)| (n, Arc::new(v) as _)).collect();
            VALUES.scope(values, future).await
        }
    }
}

/// The body, within its bound if it has one: as one writes it, with nothing around it where there is none.
macro_rules! within {
    ([] $body:expr) => {
        $body
    };
    ([$bound:expr] $body:expr) => {
        timeout($bound, $body)
    };
}

/// A case: the same body, spawned in five ways. The attribute's options are written out, as a user would.
macro_rules! case {
    ($name:ident, $body:literal, ($($option:tt)*), $values:literal, [$($bound:expr)?], $run:block) => {
        /// The case of that name.
        #[must_use]
        pub fn $name() -> Case {
            #[background($($option)*)]
            async fn task() -> Result<(), Infallible> {
                $run;
                Ok(())
            }
            macro_rules! body {
                () => {
                    async {
                        $run;
                        Ok::<(), Infallible>(())
                    }
                };
            }
            fn bare() {
                drop(tokio::spawn(body!()));
            }
            fn ours() {
                drop(task());
            }
            fn handwritten() {
                let bound = None$(.or(Some($bound)))?;
                drop(BACKGROUND.spawn("task", bound, NAMES.first_chunk::<$values>().expect("so many"), body!()));
            }
            fn tracker() {
                drop(TRACKER.spawn(within!([$($bound)?] body!())));
            }
            fn task_supervisor() {
                drop(TASK_SUPERVISOR.spawn_with_cancel(|| within!([$($bound)?] body!())));
            }
            let timeout = None::<Duration>$(.or(Some($bound)))?.is_some();
            Case { body: $body, values: $values, timeout, calls: [bare, ours, handwritten, tracker, task_supervisor] }
        }
    };
}

case!(ready, "no await", (timeout = "none"), 0, [], {});
case!(ready_timeout, "no await", (timeout = "1h"), 0, [BOUND], {});
case!(ready_one_value, "no await", (timeout = "1h", inherit = ["user_id"]), 1, [BOUND], {});
case!(
    ready_four_values,
    "no await",
    (timeout = "1h", inherit = ["user_id", "tenant", "request_id", "locale"]),
    4,
    [BOUND],
    {}
);
case!(yielding, "one await", (timeout = "none"), 0, [], { tokio::task::yield_now().await });
case!(yielding_timeout, "one await", (timeout = "1h"), 0, [BOUND], { tokio::task::yield_now().await });
case!(yielding_one_value, "one await", (timeout = "1h", inherit = ["user_id"]), 1, [BOUND], {
    tokio::task::yield_now().await;
});
case!(
    yielding_four_values,
    "one await",
    (timeout = "1h", inherit = ["user_id", "tenant", "request_id", "locale"]),
    4,
    [BOUND],
    { tokio::task::yield_now().await }
);
case!(yielding_large, "one await and 1 KiB", (timeout = "1h", inherit = ["user_id"]), 1, [BOUND], {
    let request = std::hint::black_box([1_u8; 1024]);
    tokio::task::yield_now().await;
    std::hint::black_box(request);
});
case!(parked, "trivial", (timeout = "1h", inherit = ["user_id"]), 1, [BOUND], {
    std::future::pending::<()>().await;
});
case!(sleeping, "sleeping", (timeout = "1h", inherit = ["user_id"]), 1, [BOUND], {
    tokio::time::sleep(BOUND).await;
});
case!(request_sized, "1 KiB", (timeout = "1h", inherit = ["user_id"]), 1, [BOUND], {
    let request = std::hint::black_box([1_u8; 1024]);
    std::future::pending::<()>().await;
    std::hint::black_box(request);
});
case!(expiring, "expiring", (timeout = "2s"), 0, [Duration::from_secs(2)], {
    std::future::pending::<()>().await;
});

/// tokio's own timers alone: what [`expiring`] is compared with.
pub fn bare_timeout() {
    drop(tokio::spawn(timeout(Duration::from_secs(2), std::future::pending::<()>())));
}

/// Spawned bare, with the span and the event of ours as tracing's own macros make them, field by field.
#[track_caller]
pub fn traced() {
    let (id, caller) = (1_u64, Location::caller());
    let span = tracing::info_span!(parent: None, "task", task.id = %id, outcome = Empty, user_id = 1_u64);
    span.follows_from(Span::current());
    let task = async move {
        let started = Instant::now();
        tracing::debug!(
            task = "task",
            task.id = %id,
            outcome = "completed",
            elapsed_ms = started.elapsed().as_secs_f64() * 1000.0,
            %caller,
            user_id = 1_u64,
            "task completed"
        );
        Span::current().record("outcome", "completed");
        Ok::<(), Infallible>(())
    };
    drop(tokio::spawn(task.instrument(span)));
}

/// Who makes the call in the tables of calls under a subscriber.
#[derive(Clone, Copy)]
pub struct Traced {
    /// As the tables have it.
    pub name: &'static str,
    /// In whose way the caller has its values.
    pub contender: Contender,
    /// Makes one call and drops its handle.
    pub call: fn(),
}

/// The columns of the tables of calls under a subscriber: no await, one value, a bound.
#[must_use]
pub fn traced_calls() -> [Traced; 4] {
    let of = |name, contender, call| Traced { name, contender, call };
    let [bare, ours, handwritten] =
        Contender::MAIN.map(|contender| of(contender.name(), contender, ready_one_value().call(contender)));
    [bare, of("tracing's macros", Contender::Bare, traced), ours, handwritten]
}

/// The rows of the tables of single calls.
#[must_use]
pub fn cases() -> [Case; 9] {
    [
        ready(),
        ready_timeout(),
        ready_one_value(),
        ready_four_values(),
        yielding(),
        yielding_timeout(),
        yielding_one_value(),
        yielding_four_values(),
        yielding_large(),
    ]
}
