//! A store that runs what it is given.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::durable::{Enqueued, Envelope, Executed, JobId, NewJob, Registry, Store, StoreError};

/// A store for tests that runs each call within the `.await` that stores it, after a way through JSON and back.
///
/// It does what a worker would do: the call is tried as often as its function says. The pauses between two attempts are
/// left out, and so is every delay. The caller gets its job's id whatever comes of it, as from any store; what came of it,
/// the outcomes say. A call that does not survive the way through JSON is refused.
///
/// ```
/// use detached::testing::{Inline, TestSupervisor};
/// use detached::{OutcomeKind, Supervisor, background};
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
/// let test = TestSupervisor::with(Supervisor::builder().store(Inline::new()));
/// test.run(handler()).await;
/// test.assert_outcomes("send_welcome", [OutcomeKind::Completed]);
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Inline(Arc<Inner>);

#[derive(Default)]
struct Inner {
    registry: Registry,
    keys: Mutex<HashSet<(String, String)>>,
    jobs: AtomicU64,
}

impl Inline {
    /// A store whose functions need no state.
    ///
    /// ```
    /// let supervisor = detached::Supervisor::builder().store(detached::testing::Inline::new()).build();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the `#[state]` parameters of that type are given, as by a worker. For a store that has no clones yet.
    ///
    /// # Panics
    ///
    /// When there are clones of it.
    ///
    /// ```
    /// # #[derive(Clone)] struct Mailer;
    /// let store = detached::testing::Inline::new().state(Mailer);
    /// ```
    #[must_use]
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, state: T) -> Self {
        let inner = Arc::get_mut(&mut self.0).expect("states are given before the store is cloned");
        inner.registry.state(state);
        self
    }

    async fn run(&self, mut job: NewJob) -> Result<JobId, StoreError> {
        let function = job.description.name();
        if let Some(key) = job.key.take() {
            let mut keys = self.0.keys.lock().unwrap_or_else(PoisonError::into_inner);
            if !keys.insert((function, key.clone())) {
                return Err(StoreError::Doubled { key });
            }
        }
        let stored = job.envelope.to_json();
        let mut envelope = Envelope::from_json(&stored).map_err(StoreError::unavailable)?;
        loop {
            let before = envelope.attempts;
            match self.0.registry.execute_as(job.description, &mut envelope).await {
                Executed::NotHere => return Err(StoreError::unavailable(envelope.error.unwrap_or_default())),
                Executed::AgainAfter(_) if envelope.attempts > before => {}
                // What was no attempt, as under a supervisor that drains, would be none the next time.
                Executed::AgainAfter(_) | Executed::Done | Executed::GivenUp => break,
            }
        }
        let number = self.0.jobs.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(JobId::from(format!("inline-{number}")))
    }
}

impl Store for Inline {
    fn enqueue(&self, job: NewJob) -> Enqueued<'_> {
        Box::pin(self.run(job))
    }
}

impl fmt::Debug for Inline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inline").field("registry", &self.0.registry).finish_non_exhaustive()
    }
}
