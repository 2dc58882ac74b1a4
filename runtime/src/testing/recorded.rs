//! A store that keeps what it is given.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::durable::{Durable, Enqueued, JobId, NewJob, Store, StoreError};

/// A store for tests that keeps each call and runs none. Clones are handles to the same list.
///
/// ```
/// use detached::testing::{Recorded, TestSupervisor};
/// use detached::{Supervisor, background};
///
/// #[background(durable = "mail", timeout = "30s")]
/// async fn send_welcome(to: String) {}
///
/// async fn handler() -> &'static str {
///     send_welcome("ann@example.org".to_owned()).await.unwrap();
///     "welcome"
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let stored = Recorded::new();
/// TestSupervisor::with(Supervisor::builder().store(stored.clone())).run(handler()).await;
/// let calls = stored.calls_of::<send_welcome>();
/// assert_eq!(calls[0].envelope.arguments["to"], "ann@example.org");
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recorded(Arc<Mutex<Vec<NewJob>>>);

impl Recorded {
    /// An empty store.
    ///
    /// ```
    /// assert!(detached::testing::Recorded::new().jobs().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was stored so far, in the order of the calls.
    ///
    /// ```
    /// assert!(detached::testing::Recorded::new().jobs().is_empty());
    /// ```
    #[must_use]
    pub fn jobs(&self) -> Vec<NewJob> {
        self.lock().clone()
    }

    /// The calls of one function, by the type that has its name.
    ///
    /// ```
    /// # #[detached::background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// assert!(detached::testing::Recorded::new().calls_of::<send_welcome>().is_empty());
    /// ```
    #[must_use]
    pub fn calls_of<F: Durable>(&self) -> Vec<NewJob> {
        let mut jobs = self.jobs();
        jobs.retain(|job| std::ptr::eq(job.description, F::description()));
        jobs
    }

    fn lock(&self) -> MutexGuard<'_, Vec<NewJob>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, job: NewJob) -> Result<JobId, StoreError> {
        let mut jobs = self.lock();
        if let Some(key) = &job.key {
            let has_key =
                |held: &NewJob| held.key.as_ref() == Some(key) && std::ptr::eq(held.description, job.description);
            if jobs.iter().any(has_key) {
                return Err(StoreError::Doubled { key: key.clone() });
            }
        }
        jobs.push(job);
        Ok(JobId::from(format!("recorded-{}", jobs.len())))
    }
}

impl Store for Recorded {
    fn enqueue(&self, job: NewJob) -> Enqueued<'_> {
        let recorded = self.record(job);
        Box::pin(async { recorded })
    }
}
