//! One job of a store, as people see it, and where it stands.

use std::fmt;
use std::time::SystemTime;

use detached::durable::{Envelope, JobId};

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
    /// When it is to run, or was to: the first full second that is not before it.
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
