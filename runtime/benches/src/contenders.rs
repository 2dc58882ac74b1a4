//! One call, made in three ways: bare, ours, by hand.

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use detached::{Context, background};
use tokio::time::timeout;

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
}

impl Contender {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Bare, Self::Ours, Self::Handwritten];
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
    calls: [fn(); 3],
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

/// Runs `future` where the caller has its values, in the contender's way of having them.
pub async fn with_values<F: Future>(contender: Contender, future: F) -> F::Output {
    match contender {
        Contender::Bare => future.await,
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

/// A case: the same body, spawned in three ways. The attribute's options are written out, as a user would.
macro_rules! case {
    ($name:ident, $body:literal, ($($option:tt)*), $values:literal, $bound:expr, $run:block) => {
        /// The case of that name.
        #[must_use]
        pub fn $name() -> Case {
            #[background($($option)*)]
            async fn task() -> Result<(), Infallible> {
                $run;
                Ok(())
            }
            fn bare() {
                drop(tokio::spawn(async {
                    $run;
                    Ok::<(), Infallible>(())
                }));
            }
            fn ours() {
                drop(task());
            }
            fn handwritten() {
                let body = async {
                    $run;
                    Ok::<(), Infallible>(())
                };
                drop(BACKGROUND.spawn("task", $bound, NAMES.first_chunk::<$values>().expect("so many"), body));
            }
            let timeout = { let bound: Option<Duration> = $bound; bound.is_some() };
            Case { body: $body, values: $values, timeout, calls: [bare, ours, handwritten] }
        }
    };
}

case!(ready, "no await", (timeout = "none"), 0, None, {});
case!(ready_timeout, "no await", (timeout = "1h"), 0, Some(BOUND), {});
case!(ready_one_value, "no await", (timeout = "1h", inherit = ["user_id"]), 1, Some(BOUND), {});
case!(
    ready_four_values,
    "no await",
    (timeout = "1h", inherit = ["user_id", "tenant", "request_id", "locale"]),
    4,
    Some(BOUND),
    {}
);
case!(yielding, "one await", (timeout = "none"), 0, None, { tokio::task::yield_now().await });
case!(yielding_timeout, "one await", (timeout = "1h"), 0, Some(BOUND), { tokio::task::yield_now().await });
case!(yielding_one_value, "one await", (timeout = "1h", inherit = ["user_id"]), 1, Some(BOUND), {
    tokio::task::yield_now().await;
});
case!(
    yielding_four_values,
    "one await",
    (timeout = "1h", inherit = ["user_id", "tenant", "request_id", "locale"]),
    4,
    Some(BOUND),
    { tokio::task::yield_now().await }
);
case!(parked, "trivial", (timeout = "1h", inherit = ["user_id"]), 1, Some(BOUND), {
    std::future::pending::<()>().await;
});
case!(sleeping, "sleeping", (timeout = "1h", inherit = ["user_id"]), 1, Some(BOUND), {
    tokio::time::sleep(BOUND).await;
});
case!(request_sized, "1 KiB", (timeout = "1h", inherit = ["user_id"]), 1, Some(BOUND), {
    let request = std::hint::black_box([1_u8; 1024]);
    std::future::pending::<()>().await;
    std::hint::black_box(request);
});
case!(expiring, "expiring", (timeout = "2s"), 0, Some(Duration::from_secs(2)), {
    std::future::pending::<()>().await;
});

/// tokio's own timers alone: what [`expiring`] is compared with.
pub fn bare_timeout() {
    drop(tokio::spawn(timeout(Duration::from_secs(2), std::future::pending::<()>())));
}

/// Spawned bare, in the span that `#[tracing::instrument]` makes, with the fields that ours has.
pub fn instrumented() {
    #[tracing::instrument(fields(task.id = 1_u64, user_id = 1_u64))]
    async fn task() -> Result<(), Infallible> {
        Ok(())
    }
    drop(tokio::spawn(task()));
}

/// As [`instrumented`], with an event of the result at the level of ours.
pub fn instrumented_with_event() {
    #[tracing::instrument(fields(task.id = 1_u64, user_id = 1_u64), ret(level = "debug"))]
    async fn task() -> Result<(), Infallible> {
        Ok(())
    }
    drop(tokio::spawn(task()));
}

/// The rows of the tables of single calls.
#[must_use]
pub fn cases() -> [Case; 8] {
    [
        ready(),
        ready_timeout(),
        ready_one_value(),
        ready_four_values(),
        yielding(),
        yielding_timeout(),
        yielding_one_value(),
        yielding_four_values(),
    ]
}
