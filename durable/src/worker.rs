//! `Worker`: runs stored calls until it is told to stop.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use detached::durable::{Description, Durable, RegisterError, Registry};
use detached::{DrainReport, Supervisor};
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use crate::engine::Engine;
use crate::lane::{Lane, Shared};
use crate::liveness::Liveness;
use crate::pace::Pace;
use crate::settling::Settling;

/// Runs the stored calls of the functions that it was told of, as tasks of a supervisor of its own.
///
/// Any number of workers may run on one store, in one process or in many, each with the same functions or with others. A
/// queue is served by those that know one of its functions; what a worker does not know it leaves to the others, so all
/// workers of a queue should know all of its functions.
///
/// ```
/// # use detached_apalis::{Jobs, Sqlite, State, Worker};
/// # #[detached::background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
/// # let signal = std::future::ready(());
/// let report = Worker::new(&store).register::<send_welcome>().concurrency(4).run_until(signal).await?;
/// println!("{report}");
/// # Ok(()) }
/// ```
#[must_use = "a worker does nothing until `run_until`"]
pub struct Worker<E> {
    engine: E,
    registry: Registry,
    refused: Option<RegisterError>,
    supervisor: Supervisor,
    settings: Settings,
}

/// How long a worker that stops tries to write what has become of its jobs, where the database is away.
const LAST_WORDS: Duration = Duration::from_secs(10);

struct Settings {
    concurrency: usize,
    heartbeat: Duration,
    missed_heartbeats: u32,
    grace: Duration,
    keep_done: Duration,
    patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 20,
            heartbeat: Duration::from_secs(5),
            missed_heartbeats: 3,
            grace: Duration::from_secs(30),
            keep_done: Duration::from_mins(1),
            patience: Duration::from_mins(10),
        }
    }
}

impl<E: Engine> Worker<E> {
    /// A worker that knows no function yet, with every setting at its default.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let worker = Worker::new(&store);
    /// # Ok(()) }
    /// ```
    pub fn new(store: &E) -> Self {
        let settings = Settings::default();
        let supervisor = Supervisor::builder().store(store.clone()).build();
        Self { engine: store.clone(), registry: Registry::new(), refused: None, supervisor, settings }
    }

    /// What the `#[state]` parameters of that type are given: a clone for each run. One of the same type is replaced.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// # #[derive(Clone)] struct Mailer;
    /// let worker = Worker::new(&store).state(Mailer);
    /// # Ok(()) }
    /// ```
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, state: T) -> Self {
        self.registry.state(state);
        self
    }

    /// Adds a function, by the type that has its name.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[detached::background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let worker = Worker::new(&store).register::<send_welcome>();
    /// # Ok(()) }
    /// ```
    pub fn register<F: Durable>(mut self) -> Self {
        if let Err(error) = self.registry.register::<F>() {
            self.refused.get_or_insert(error);
        }
        self
    }

    /// How many jobs run at once, in all queues together; 20 by default. At least one.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let worker = Worker::new(&store).concurrency(100);
    /// # Ok(()) }
    /// ```
    pub fn concurrency(mut self, jobs: usize) -> Self {
        self.settings.concurrency = jobs.max(1);
        self
    }

    /// How often the worker shows that it lives, and after how many times that it did not it counts as dead; every 5 s and 3
    /// by default. Its jobs are another's then. All workers of a store should have the same.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let worker = Worker::new(&store).liveness(std::time::Duration::from_secs(10), 6);
    /// # Ok(()) }
    /// ```
    pub fn liveness(mut self, heartbeat: Duration, missed: u32) -> Self {
        self.settings.heartbeat = heartbeat;
        self.settings.missed_heartbeats = missed;
        self
    }

    /// How long running jobs may take once the worker is told to stop; 30 s by default. What is cut then is run again.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let worker = Worker::new(&store).grace(std::time::Duration::from_secs(10));
    /// # Ok(()) }
    /// ```
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// How long a job that is done is kept, and its key with it; one minute by default.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let worker = Worker::new(&store).keep_done(std::time::Duration::from_secs(86_400));
    /// # Ok(()) }
    /// ```
    pub fn keep_done(mut self, time: Duration) -> Self {
        self.settings.keep_done = time;
        self
    }

    /// How long a job waits for a worker that can run it, before it is set aside; 10 minutes by default.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let worker = Worker::new(&store).set_aside_after(std::time::Duration::from_secs(3600));
    /// # Ok(()) }
    /// ```
    pub fn set_aside_after(mut self, patience: Duration) -> Self {
        self.settings.patience = patience;
        self
    }

    /// The supervisor whose tasks the runs are, instead of one of the worker's own: for its observers, its metrics, its
    /// limits. It is drained when the worker stops.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let supervisor = detached::Supervisor::builder().max_tasks(1_000).build();
    /// let worker = Worker::new(&store).run_under(&supervisor);
    /// # Ok(()) }
    /// ```
    pub fn run_under(mut self, supervisor: &Supervisor) -> Self {
        self.supervisor = supervisor.clone();
        self
    }

    /// The supervisor whose tasks the runs are: its list, its counts.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// println!("{} jobs run", Worker::new(&store).supervisor().tasks().len());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// Runs jobs until `signal` is ready, or the supervisor is drained by somebody else. Then no more are claimed, those that
    /// run have the [grace](Self::grace) to end, and what is cut is given back to be run again.
    ///
    /// While the database is away it waits for it.
    ///
    /// # Errors
    ///
    /// [`WorkerError::Registry`] before anything is run: two functions of one name, or a state that is missing.
    ///
    /// # Cancellation
    ///
    /// To drop it leaves its jobs running, and what they come to unwritten: they are run again once the worker counts as
    /// dead.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or in one without a timer.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[detached::background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// # let signal = std::future::ready(());
    /// Worker::new(&store).register::<send_welcome>().run_until(signal).await?;
    /// # Ok(()) }
    /// ```
    pub async fn run_until(self, signal: impl Future) -> Result<DrainReport, WorkerError> {
        let Self { engine, registry, refused, supervisor, settings } = self;
        refused.map_or(Ok(()), Err).and_then(|()| registry.check()).map_err(WorkerError::Registry)?;

        let queues: BTreeSet<_> = registry.functions().map(|function| function.queue().to_owned()).collect();
        let functions: Vec<_> = registry.functions().map(Description::name).collect();
        if functions.is_empty() {
            tracing::warn!(target: "detached", "a worker has no function: it runs nothing");
        }
        tracing::info!(target: "detached", ?functions, ?queues, concurrency = settings.concurrency, "a worker serves");

        let shared = Arc::new(Shared {
            engine: engine.clone(),
            registry,
            supervisor: supervisor.clone(),
            settling: Settling::new(engine.clone()),
            room: Arc::new(Semaphore::new(settings.concurrency)),
            pace: Pace::new(),
            patience: settings.patience,
        });
        let (stop, stopping) = watch::channel(false);
        let (counted, mut all_settled) = mpsc::channel(1);
        // What lasts until the last job has ended; dropped, and with it stopped, when this is.
        let mut beside = JoinSet::new();
        let mut lanes = JoinSet::new();
        for queue in queues {
            let (bell, engine) = (Arc::new(Notify::new()), engine.clone());
            let Settings { heartbeat, missed_heartbeats, concurrency, .. } = settings;
            let liveness = Arc::new(Liveness::new(engine.clone(), queue.clone(), heartbeat, missed_heartbeats));
            let lane = Lane {
                shared: Arc::clone(&shared),
                liveness: Arc::clone(&liveness),
                queue: queue.clone(),
                bell: Arc::clone(&bell),
                at_once: concurrency,
                stop: stopping.clone(),
                counted: counted.clone(),
            };
            beside.spawn(async move { liveness.beat().await });
            beside.spawn(async move { engine.listen(queue, bell).await });
            lanes.spawn(lane.run());
        }
        beside.spawn(purge(engine, settings.keep_done));
        drop(counted);

        tokio::select! {
            _ = signal => {}
            () = draining(&supervisor) => {}
        }
        let _ = stop.send(true);
        while lanes.join_next().await.is_some() {}
        let report = supervisor.drain(settings.grace).await;
        // Each has its outcome by now; what is left is to write it, which a database that is away may not let be done.
        if tokio::time::timeout(LAST_WORDS, all_settled.recv()).await.is_err() {
            tracing::warn!(target: "detached", "the worker stops with jobs whose end is not written; they are run again");
        }
        Ok(report)
    }
}

/// Until a drain of the supervisor has begun.
async fn draining(supervisor: &Supervisor) {
    while !supervisor.is_draining() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Removes jobs that were done long enough ago; never ends. A table that only grows gets slow.
async fn purge<E: Engine>(engine: E, keep_done: Duration) {
    loop {
        let done_before = SystemTime::now().checked_sub(keep_done).unwrap_or(SystemTime::UNIX_EPOCH);
        let started = Instant::now();
        match engine.purge(done_before).await {
            // There may be more; whoever stores and runs has at least half of the time.
            Ok(1..) => tokio::time::sleep(started.elapsed().max(Duration::from_millis(10))).await,
            Ok(0) => tokio::time::sleep(Duration::from_secs(5)).await,
            Err(error) => {
                tracing::warn!(target: "detached", %error, "jobs that are done cannot be removed; to be tried again");
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    }
}

impl<E> fmt::Debug for Worker<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("registry", &self.registry).finish_non_exhaustive()
    }
}

/// Why a worker did not start.
///
/// ```
/// # use detached_apalis::{Jobs, Sqlite, State, Worker};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
/// # #[derive(Clone)] struct Mailer;
/// # #[detached::background(durable = "mail", timeout = "30s")] async fn send_news(#[state] mailer: Mailer) {}
/// let forgotten = Worker::new(&store).register::<send_news>(); // and no `Mailer`
/// println!("{}", forgotten.run_until(std::future::pending::<()>()).await.unwrap_err());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkerError {
    /// It was told of two functions of one name, or was not given a state.
    Registry(RegisterError),
}

impl fmt::Display for WorkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(error) => write!(f, "the worker cannot start: {error}"),
        }
    }
}

impl std::error::Error for WorkerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Registry(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_died_is_found_within_twenty_seconds() {
        let Settings { heartbeat, missed_heartbeats, .. } = Settings::default();
        // Found at the next beat of another's.
        assert!(heartbeat * (missed_heartbeats + 1) <= Duration::from_secs(20));
    }
}
