//! How the calls are made: from a task, in batches, each waited for.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::contenders::{Contender, with_values};

/// So many calls are made before their tasks are waited for.
const BATCH: usize = 100;

/// The kind of tokio runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    /// All on one thread.
    CurrentThread,
    /// Two workers.
    MultiThread,
}

impl Flavor {
    /// A runtime of that kind.
    ///
    /// # Panics
    ///
    /// When the system gives no threads.
    #[must_use]
    pub fn runtime(self) -> Runtime {
        let mut builder = match self {
            Self::CurrentThread => Builder::new_current_thread(),
            Self::MultiThread => Builder::new_multi_thread(),
        };
        builder.worker_threads(2).enable_time().build().expect("a runtime")
    }

    /// As the tables have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CurrentThread => "current-thread",
            Self::MultiThread => "multi-thread",
        }
    }
}

/// Makes `calls` calls from a task of the runtime, as a handler would, and waits until their tasks are gone.
pub fn run(runtime: &Runtime, contender: Contender, call: fn(), calls: usize) {
    from_a_task(runtime, contender, async move {
        let metrics = Handle::current().metrics();
        let before = metrics.num_alive_tasks();
        for first in (0..calls).step_by(BATCH) {
            (first..calls.min(first + BATCH)).for_each(|_| call());
            while metrics.num_alive_tasks() > before {
                yield_now().await;
            }
        }
    });
}

/// Makes the first calls, which set up what all later ones find: callsites, timer tasks, room for many.
pub fn warm_up(runtime: &Runtime, contender: Contender, call: fn()) {
    // Ours starts a task for its deadlines, which stays; so this does not wait for a number of tasks.
    from_a_task(runtime, contender, async move {
        (0..BATCH).for_each(|_| call());
        sleep(Duration::from_millis(20)).await;
    });
    run(runtime, contender, call, 20 * BATCH);
}

/// Adds `tasks` tasks that stay, and returns once all of them wait.
pub fn park(runtime: &Runtime, contender: Contender, call: fn(), tasks: usize) {
    from_a_task(runtime, contender, async move {
        for first in (0..tasks).step_by(BATCH) {
            (first..tasks.min(first + BATCH)).for_each(|_| call());
            yield_now().await;
        }
        // Whatever a worker has in its queue is polled long before.
        sleep(Duration::from_millis(50)).await;
    });
}

/// # Panics
///
/// When `work` does.
fn from_a_task(runtime: &Runtime, contender: Contender, work: impl Future<Output = ()> + Send + 'static) {
    let caller = runtime.spawn(with_values(contender, work));
    runtime.block_on(caller).expect("the caller does not panic");
}
