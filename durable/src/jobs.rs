//! The jobs of a store, for people: what waits, what failed, what was set aside; and what to do about it.

use detached::durable::{Envelope, JobId, StoreError};

use crate::engine::Engine;
use crate::job::{Job, State};

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
