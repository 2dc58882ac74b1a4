//! Calls, on their way into the table.

use std::future::Future;
use std::time::SystemTime;

use detached::durable::{JobId, NewJob, StoreError};
use ulid::Ulid;

use crate::group::Group;

pub(crate) type Stored = Result<(), StoreError>;

/// A call, as a row.
#[derive(Clone)]
pub(crate) struct NewRow {
    pub(crate) id: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) queue: &'static str,
    pub(crate) attempts: u32,
    /// `None` for at once.
    pub(crate) not_before: Option<SystemTime>,
    pub(crate) key: Option<String>,
    /// The key as the caller wrote it.
    callers_key: Option<String>,
}

impl NewRow {
    pub(crate) fn new(job: NewJob) -> Self {
        Self {
            id: Ulid::generate().to_string(),
            payload: job.envelope.to_json(),
            queue: job.description.queue(),
            attempts: job.description.attempts(),
            not_before: job.not_before,
            // Keys are a queue's in the table, and a function's by our promise.
            key: job.key.as_ref().map(|key| format!("{}/{key}", job.description.name())),
            callers_key: job.key,
        }
    }

    pub(crate) fn job_id(&self) -> JobId {
        self.id.clone().into()
    }

    /// What came of it, by how many rows there are more.
    pub(crate) fn stored(&self, rows: u64) -> Stored {
        match rows {
            0 => Err(StoreError::Doubled { key: self.callers_key.clone().unwrap_or_default() }),
            _ => Ok(()),
        }
    }
}

/// Stores calls that come at the same time in one transaction.
#[derive(Clone)]
pub(crate) struct Storing(Group<NewRow, Stored>);

impl Storing {
    pub(crate) fn new() -> Self {
        Self(Group::new())
    }

    /// `write` stores all that wait, and says of each what came of it. A caller that goes away may have its call stored.
    pub(crate) async fn store<W, F>(&self, row: NewRow, write: W) -> Stored
    where
        W: FnMut(Vec<NewRow>) -> F + Send + 'static,
        F: Future<Output = Vec<Stored>> + Send + 'static,
    {
        let stored = self.0.write(row, write).await;
        stored.unwrap_or_else(|| Err(StoreError::unavailable("the runtime ended while the call was stored")))
    }
}
