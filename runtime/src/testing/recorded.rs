//! A store that keeps what it is given.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::durable::{Durable, Enqueued, JobId, NewJob, Store, StoreError};

/// A store for tests that keeps each call and runs none. Clones are handles to the same list.
#[derive(Clone, Debug, Default)]
pub struct Recorded(Arc<Mutex<Vec<NewJob>>>);

impl Recorded {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was stored so far, in the order of the calls.
    #[must_use]
    pub fn jobs(&self) -> Vec<NewJob> {
        self.lock().clone()
    }

    /// The calls of one function, by the type that has its name.
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
