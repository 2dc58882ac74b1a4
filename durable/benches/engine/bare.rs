//! The engine alone: apalis's own worker with its own settings but for the batch, and jobs that do nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apalis_core::backend::TaskSink;
use apalis_core::backend::ext::BackendExt;
use apalis_core::error::BoxDynError;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use sqlx::{PgPool, SqlitePool};
use tokio::task::JoinSet;
use tower::limit::ConcurrencyLimitLayer;

/// How often the engine looks for jobs when it has none.
const POLL: Duration = Duration::from_millis(50);

/// A database that the engine works on.
pub(crate) trait Bare {
    /// Stores `jobs` one by one, `at_once` of them at the same time.
    async fn enqueue(&self, queue: &str, jobs: usize, at_once: usize);

    /// Runs `jobs` out of the queue, `at_once` of them at the same time.
    async fn run(&self, queue: &str, jobs: usize, at_once: usize);
}

/// The two storages of apalis have the same methods and no trait that holds them.
macro_rules! bare {
    ($Storage:ident, $Config:path, $Pool:ty) => {
        impl Bare for $Pool {
            async fn enqueue(&self, queue: &str, jobs: usize, at_once: usize) {
                let mut callers = JoinSet::new();
                for _ in 0..at_once {
                    let mut storage = $Storage::<u64>::new(self).with_config(<$Config>::default().queue(queue));
                    callers.spawn(async move {
                        for job in 0..jobs / at_once {
                            storage.push(job as u64).await.unwrap();
                        }
                    });
                }
                callers.join_all().await;
            }

            async fn run(&self, queue: &str, jobs: usize, at_once: usize) {
                let left = Arc::new(AtomicUsize::new(jobs));
                let config = <$Config>::default().queue(queue).batch_size(at_once.max(10));
                let storage = $Storage::<u64>::new(self).with_config(config);
                let job = move |_: u64, worker: WorkerContext| {
                    let last = left.fetch_sub(1, Ordering::Relaxed) == 1;
                    async move {
                        if last {
                            worker.stop()?;
                        }
                        Ok::<_, BoxDynError>(())
                    }
                };
                WorkerBuilder::new(format!("{queue}-worker").as_str())
                    .backend(storage.poll_with_interval(POLL))
                    .layer(ConcurrencyLimitLayer::new(at_once))
                    .build(job)
                    .run()
                    .await
                    .unwrap();
            }
        }
    };
}

bare!(SqliteStorage, apalis_sqlite::Config, SqlitePool);
bare!(PostgresStorage, apalis_postgres::Config, PgPool);
