//! Stores: where calls are put.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use super::description::Description;
use super::envelope::Envelope;
use super::store_error::StoreError;
use crate::ambient;
use crate::supervisor::SupervisorBuilder;

/// Where the calls of durable functions are put: a queue's table.
///
/// Calls go to the store of their supervisor ([`SupervisorBuilder::store`]), else to the one that the program
/// [installed](install).
///
/// ```
/// use detached::durable::{Enqueued, JobId, NewJob, Store};
///
/// /// Prints what is to be stored.
/// struct Printer;
///
/// impl Store for Printer {
///     fn enqueue(&self, job: NewJob) -> Enqueued<'_> {
///         Box::pin(async move {
///             println!("{}: {}", job.description.queue(), String::from_utf8_lossy(&job.envelope.to_json()));
///             Ok(JobId::from("none".to_owned()))
///         })
///     }
/// }
/// ```
pub trait Store: Send + Sync + 'static {
    /// Stores a call, and is ready once it cannot be lost any more.
    fn enqueue(&self, job: NewJob) -> Enqueued<'_>;
}

/// What [`Store::enqueue`] gives.
///
/// ```
/// fn nowhere<'a>() -> detached::durable::Enqueued<'a> {
///     Box::pin(async { Err(detached::durable::StoreError::NotInstalled) })
/// }
/// ```
pub type Enqueued<'a> = Pin<Box<dyn Future<Output = Result<JobId, StoreError>> + Send + 'a>>;

/// What can store a call along with the caller's own rows: a transaction of the store `S`.
///
/// The store is a parameter of the trait so that an adapter can implement it for the transactions of another library.
///
/// ```
/// use detached::durable::{JobId, NewJob, StoreError, StoreIn};
/// # struct Outbox;
/// # struct Transaction(Vec<Vec<u8>>);
///
/// impl StoreIn<Outbox> for Transaction {
///     async fn enqueue(&mut self, job: NewJob) -> Result<JobId, StoreError> {
///         self.0.push(job.envelope.to_json());
///         Ok(JobId::from(self.0.len().to_string()))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a call cannot be stored in a `{Self}`",
    label = "this is no transaction of a known store",
    note = "the adapter of the store says which types are"
)]
pub trait StoreIn<S> {
    /// Stores a call: it is there if and when what `self` stands for is committed.
    fn enqueue(&mut self, job: NewJob) -> impl Future<Output = Result<JobId, StoreError>> + Send;
}

/// A call that is to be stored.
///
/// ```
/// # use detached::durable::NewJob;
/// fn line(job: &NewJob) -> String {
///     format!("{} in {}, key {:?}", job.envelope.function, job.description.queue(), job.key)
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewJob {
    /// What is to be stored.
    pub envelope: Envelope,
    /// At most one job of the function may have it at a time; `None` for no such rule.
    pub key: Option<String>,
    /// It is not to run before that time; `None` for at once.
    pub not_before: Option<SystemTime>,
    /// The function that was called.
    pub description: &'static Description,
}

/// The identity of a stored call, as its store gives it.
///
/// ```
/// use detached::durable::JobId;
/// assert_eq!(JobId::from("01J9Z".to_owned()).to_string(), "01J9Z");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(Arc<str>);

impl JobId {
    /// The text of it.
    ///
    /// ```
    /// # use detached::durable::JobId;
    /// assert_eq!(JobId::from("01J9Z".to_owned()).as_str(), "01J9Z");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for JobId {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

static INSTALLED: RwLock<Option<Arc<dyn Store>>> = RwLock::new(None);

/// Makes `store` the one that calls go to from now on, unless their supervisor has its own. One that was installed before
/// is replaced.
///
/// ```
/// use detached::{background, durable, testing::Recorded};
///
/// #[background(durable = "mail", timeout = "30s")]
/// async fn send_welcome(to: String) {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let store = Recorded::new();
/// durable::install(store.clone()); // first thing in `main`
/// send_welcome("ann@example.org".to_owned()).await.unwrap();
/// assert_eq!(store.jobs().len(), 1);
/// # }
/// ```
pub fn install(store: impl Store) {
    let replaced = INSTALLED.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::new(store));
    // Its drop is another's code, and may ask for the store; so it comes after the lock.
    drop(replaced);
}

/// The store of a call that is made here and now.
pub(super) fn current() -> Option<Arc<dyn Store>> {
    let supervisor = ambient::supervisor();
    let of_supervisor = supervisor.store().and_then(|store| store.downcast_ref::<Arc<dyn Store>>()).cloned();
    of_supervisor.or_else(|| INSTALLED.read().unwrap_or_else(PoisonError::into_inner).clone())
}

impl SupervisorBuilder {
    /// The store of the durable functions that are called under the supervisor, instead of the
    /// [installed](crate::durable::install) one.
    ///
    /// ```
    /// use detached::{Supervisor, testing::Recorded};
    /// let supervisor = Supervisor::builder().store(Recorded::new()).build();
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "durable")))]
    pub fn store(self, store: impl Store) -> Self {
        let store: Arc<dyn Store> = Arc::new(store);
        self.opaque_store(Box::new(store))
    }
}
