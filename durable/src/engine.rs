//! What a worker and a list of jobs need of a database: the statements, without the policy.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use detached::durable::{JobId, Store};
use tokio::sync::Notify;

use crate::job::{Job, State};

pub(crate) type Result<T> = std::result::Result<T, sqlx::Error>;

/// A store whose jobs a [`Worker`](crate::Worker) can run: [`Sqlite`](crate::Sqlite) or [`Postgres`](crate::Postgres).
///
/// ```
/// use detached_apalis::{Engine, Worker};
///
/// fn worker<E: Engine>(store: &E) -> Worker<E> {
///     Worker::new(store).concurrency(4)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "no worker can run the jobs of a `{Self}`",
    note = "the stores are `Sqlite` and `Postgres`"
)]
pub trait Engine: Store + Clone + Statements {}

/// The statements. Nobody outside of this crate can name it.
#[doc(hidden)]
pub trait Statements {
    /// How long a worker waits for a job before it looks for one unasked: first, and at most.
    const POLL: (Duration, Duration);

    /// Makes a worker known, under a name that none had before.
    fn register(&self, worker: &str, queue: &str, heartbeat: Duration) -> impl Future<Output = Result<()>> + Send;

    /// Shows that the worker lives. How long it had not, by the clock that all workers are seen by.
    fn beat(&self, worker: &str, queue: &str) -> impl Future<Output = Result<Duration>> + Send;

    /// Takes the jobs from workers that have not shown for `dead_after` that they live, for whoever claims them next: how many.
    fn take_over(&self, queue: &str, dead_after: Duration) -> impl Future<Output = Result<u64>> + Send;

    /// Takes jobs that are due. If it fails, jobs may be taken all the same.
    fn claim(&self, worker: &str, queue: &str, at_most: usize) -> impl Future<Output = Result<Vec<Claimed>>> + Send;

    /// Changes the payload of a job that the worker holds. `false` when it holds it no more.
    fn rewrite(&self, worker: &str, id: &str, payload: &[u8]) -> impl Future<Output = Result<bool>> + Send;

    /// Writes what is to become of jobs, in one transaction; those that their worker does not hold any more are left.
    fn settle(&self, settled: &[Settled]) -> impl Future<Output = Result<()>> + Send;

    /// Removes some of the jobs that were done before that time, and workers that are long gone. How many jobs it were.
    fn purge(&self, done_before: SystemTime) -> impl Future<Output = Result<u64>> + Send;

    /// Rings the bell whenever there may be a new job in the queue, as long as it is polled.
    fn listen(&self, queue: String, bell: Arc<Notify>) -> impl Future<Output = ()> + Send;

    /// Some jobs in that state, those that ran or are to run last first.
    fn list(&self, state: State, queue: Option<&str>, at_most: usize) -> impl Future<Output = Result<Vec<Job>>> + Send;

    /// Makes a job that is at rest wait again, with that payload. `false` when there is none of the id at rest.
    fn revive(&self, id: &JobId, payload: &[u8]) -> impl Future<Output = Result<bool>> + Send;

    /// Removes a job that nobody runs. `false` when there is none of the id.
    fn remove(&self, id: &JobId) -> impl Future<Output = Result<bool>> + Send;

    /// The payload of a job.
    fn payload(&self, id: &JobId) -> impl Future<Output = Result<Option<Vec<u8>>>> + Send;
}

/// A job that a worker holds.
#[derive(Debug)]
pub struct Claimed {
    pub(crate) id: String,
    pub(crate) payload: Vec<u8>,
    /// A worker had it before, and died or let it go.
    pub(crate) is_redelivered: bool,
    /// Since when no worker could run it.
    pub(crate) refused_since: Option<SystemTime>,
}

/// What is to become of a job.
#[derive(Debug)]
pub struct Settled {
    pub(crate) worker: Arc<str>,
    pub(crate) id: String,
    pub(crate) fate: Fate,
}

/// A payload is written where it is not what the table has.
#[derive(Debug)]
pub(crate) enum Fate {
    Done,
    /// Not run: as if it had not been claimed.
    Unrun {
        payload: Option<Vec<u8>>,
    },
    /// To run again with that payload, not before the time is over.
    Again {
        payload: Vec<u8>,
        after: Duration,
        error: Option<String>,
    },
    /// Failed for the last time.
    Failed {
        payload: Vec<u8>,
        error: Option<String>,
    },
    /// No worker could run it since then.
    Refused {
        payload: Option<Vec<u8>>,
        since: SystemTime,
        after: Duration,
        error: String,
    },
    /// Nobody is to try any more.
    SetAside {
        payload: Option<Vec<u8>>,
        error: String,
    },
}

/// Seconds since 1970, as the tables have them: those that are over.
pub(crate) fn seconds(time: SystemTime) -> i64 {
    let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX)
}

/// The first full second that is not before that time: what is to wait does not wait too short.
pub(crate) fn seconds_until(time: SystemTime) -> i64 {
    let begun = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos() > 0;
    seconds(time).saturating_add(i64::from(begun))
}

/// The time that was so many seconds after 1970.
pub(crate) fn time(seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}
