//! The jobs of a store, for people: what waits, what failed, what was set aside; and what to do about it.

use std::fmt;
use std::time::SystemTime;

use detached::durable::{Envelope, JobId, StoreError};

use crate::engine::Engine;

/// Where a job stands.
///
/// ```
/// # use detached_apalis::{Jobs, Sqlite, State, Worker};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
/// println!("{} jobs wait", store.jobs().list(State::Waiting).await?.len());
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// It waits for its time, or for a worker.
    Waiting,
    /// A worker has it.
    Running,
    /// It completed. Kept for a while, with its key.
    Done,
    /// It was given up: it failed as often as its function may, killed its worker too often, or was cancelled.
    Failed,
    /// No worker could run it for too long: the function is unknown, or the arguments cannot be read.
    SetAside,
}

impl State {
    /// How apalis calls it.
    pub(crate) fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::Waiting => &["Pending"],
            Self::Running => &["Queued", "Running"],
            Self::Done => &["Done"],
            Self::Failed => &["Failed"],
            Self::SetAside => &["Killed"],
        }
    }
}

/// A job of a store.
///
/// ```
/// # use detached_apalis::{Jobs, Sqlite, State, Worker};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
/// for job in store.jobs().list(State::SetAside).await? {
///     println!("{}: {:?}, {}", job.id, job.error, String::from_utf8_lossy(&job.payload));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Job {
    /// Its identity.
    pub id: JobId,
    /// The queue it is in.
    pub queue: String,
    /// Where it stands.
    pub state: State,
    /// When it is to run, or was to; to the second.
    pub due: SystemTime,
    /// Why it failed, was set aside, or waits to be tried again.
    pub error: Option<String>,
    /// What was stored, to the byte.
    pub payload: Vec<u8>,
}

impl Job {
    /// The call; `None` when what was stored is none.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// for job in store.jobs().list(State::Failed).await? {
    ///     println!("{:?}", job.envelope().map(|call| call.arguments));
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn envelope(&self) -> Option<Envelope> {
        Envelope::from_json(&self.payload).ok()
    }
}

/// One line.
impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, queue, error, .. } = self;
        match self.envelope() {
            Some(call) => write!(f, "{id} {} ({queue}), tried {} times", call.function, call.attempts)?,
            None => write!(f, "{id} ({queue}), which is no call")?,
        }
        error.iter().try_for_each(|error| write!(f, ": {error}"))
    }
}

/// The jobs of a store; see [`Sqlite::jobs`](crate::Sqlite::jobs) and [`Postgres::jobs`](crate::Postgres::jobs).
///
/// ```
/// # use detached_apalis::{Jobs, Sqlite, State, Worker};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
/// let jobs = store.jobs();
/// for job in jobs.list(State::Failed).await? {
///     jobs.run_again(&job.id).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Jobs<E> {
    engine: E,
}

/// How many jobs a list has at most.
const PAGE: usize = 100;

impl<E: Engine> Jobs<E> {
    /// Those of a store.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let jobs = Jobs::of(&store);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn of(store: &E) -> Self {
        Self { engine: store.clone() }
    }

    pub(crate) fn new(engine: E) -> Self {
        Self { engine }
    }

    /// The last hundred jobs in that state, by the time they are due, in all queues.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let waiting = store.jobs().list(State::Waiting).await?;
    /// # Ok(()) }
    /// ```
    pub async fn list(&self, state: State) -> Result<Vec<Job>, StoreError> {
        self.engine.list(state, None, PAGE).await.map_err(StoreError::unavailable)
    }

    /// The same in one queue, at most so many.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let waiting = store.jobs().list_in("mail", State::Waiting, 10).await?;
    /// # Ok(()) }
    /// ```
    pub async fn list_in(&self, queue: &str, state: State, at_most: usize) -> Result<Vec<Job>, StoreError> {
        self.engine.list(state, Some(queue), at_most).await.map_err(StoreError::unavailable)
    }

    /// Has a job run again that is done, failed or set aside, as if it had just been stored: its attempts are counted anew.
    /// `false` when there is none of the id at rest.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// # let id = detached::durable::JobId::from("01J9Z".to_owned());
    /// assert!(!store.jobs().run_again(&id).await?, "there is none of the id");
    /// # Ok(()) }
    /// ```
    pub async fn run_again(&self, id: &JobId) -> Result<bool, StoreError> {
        let Some(payload) = self.engine.payload(id).await.map_err(StoreError::unavailable)? else { return Ok(false) };
        let payload = match Envelope::from_json(&payload) {
            Ok(mut call) => {
                (call.attempts, call.crashes, call.error) = (0, 0, None);
                call.to_json()
            }
            Err(_) => payload,
        };
        self.engine.revive(id, &payload).await.map_err(StoreError::unavailable)
    }

    /// Removes a job for good, with its key. `false` when there is none of the id, or a worker has it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// # let id = detached::durable::JobId::from("01J9Z".to_owned());
    /// assert!(!store.jobs().remove(&id).await?, "there is none of the id");
    /// # Ok(()) }
    /// ```
    pub async fn remove(&self, id: &JobId) -> Result<bool, StoreError> {
        self.engine.remove(id).await.map_err(StoreError::unavailable)
    }
}
