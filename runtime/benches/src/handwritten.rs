//! What a careful person writes by hand with tokio, tokio-util and tracing: the yardstick for ours.
//!
//! It gives a task the same things as far as the parts give them: a place in a tracker that a shutdown waits for, a
//! token that a shutdown cancels, the listed values and no others, a timeout, a caught panic, a span that follows from
//! the caller's without keeping it open, and an outcome that is logged whatever it is.

use std::any::Any;
use std::collections::HashMap;
use std::fmt::Display;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, Span};

/// Named values of any type.
pub type Values = HashMap<&'static str, Arc<dyn Any + Send + Sync>>;

tokio::task_local! {
    /// The values of the current request or task.
    pub static VALUES: Values;
}

/// Why a task gave no value.
#[derive(Debug)]
pub enum Error<E> {
    /// The body returned an error.
    Failed(E),
    /// The bound passed.
    TimedOut,
    /// The body panicked.
    Panicked,
    /// The process shuts down.
    Cancelled,
}

/// Starts background work, and stops it all at a shutdown.
#[derive(Default)]
pub struct Background {
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

impl Background {
    /// Spawns `body`, with the values listed in `inherit` and no others.
    pub fn spawn<T, E, F>(
        &self,
        name: &'static str,
        bound: Option<Duration>,
        inherit: &'static [&'static str],
        body: F,
    ) -> JoinHandle<Result<T, Error<E>>>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: Display + Send + 'static,
    {
        let values = VALUES.try_with(|values| select(values, inherit)).unwrap_or_default();
        let token = self.shutdown.child_token();
        let span = tracing::info_span!(parent: None, "background", task = name);
        span.follows_from(Span::current());
        let run = async move {
            let started = Instant::now();
            let body = AssertUnwindSafe(VALUES.scope(values, body)).catch_unwind();
            let bounded = async {
                match bound {
                    Some(bound) => timeout(bound, body).await.map_err(|_| Error::TimedOut),
                    None => Ok(body.await),
                }
            };
            let ended = tokio::select! {
                biased;
                () = token.cancelled() => Err(Error::Cancelled),
                ended = bounded => ended,
            };
            let result = match ended {
                Ok(Ok(Ok(value))) => Ok(value),
                Ok(Ok(Err(error))) => Err(Error::Failed(error)),
                Ok(Err(_)) => Err(Error::Panicked),
                Err(error) => Err(error),
            };
            log(name, started, &result);
            result
        };
        self.tracker.spawn(run.instrument(span))
    }

    /// Cancels all tasks and waits until they are gone.
    pub async fn shut_down(&self) {
        self.tracker.close();
        self.shutdown.cancel();
        self.tracker.wait().await;
    }
}

fn select(values: &Values, names: &[&'static str]) -> Values {
    names.iter().filter_map(|name| values.get_key_value(name)).map(|(name, value)| (*name, Arc::clone(value))).collect()
}

fn log<T, E: Display>(task: &'static str, started: Instant, result: &Result<T, Error<E>>) {
    match result {
        Ok(_) => tracing::debug!(task, elapsed = ?started.elapsed(), "completed"),
        Err(Error::Failed(error)) => tracing::error!(task, elapsed = ?started.elapsed(), %error, "failed"),
        Err(Error::TimedOut) => tracing::error!(task, elapsed = ?started.elapsed(), "timed out"),
        Err(Error::Panicked) => tracing::error!(task, elapsed = ?started.elapsed(), "panicked"),
        Err(Error::Cancelled) => tracing::warn!(task, elapsed = ?started.elapsed(), "cancelled"),
    }
}
