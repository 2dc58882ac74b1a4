//! How long a single job waits to be run: no wake-up is lost.

use std::time::Duration;

use detached::Supervisor;
use detached_apalis::Worker;

use crate::functions::{Done, beside, send};
use crate::stores::on_each_database;

/// A job that nobody was woken for waits for the next one, or for as long as the engine's own loop does: 20 to 30 seconds.
const LOST: Duration = Duration::from_secs(5);

on_each_database! {
    async fn single_jobs_every_two_milliseconds_are_run_at_once<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let worker = Worker::new(&store).state(done.clone()).register::<send>();
        let supervisor = Supervisor::builder().store(store.clone()).build();
        let callers = supervisor.scope(async {
            let mut clock = tokio::time::interval(Duration::from_millis(2));
            for job in 0..500 {
                clock.tick().await;
                send(format!("{job}")).await.unwrap();
            }
        });
        let all_are_run = async {
            for job in 0..500 {
                let run = tokio::time::timeout(LOST, done.next(1)).await;
                assert!(run.is_ok(), "{job} jobs were run, and then a wake-up was lost");
            }
        };
        beside(worker.run_until(std::future::pending::<()>()), async { tokio::join!(callers, all_are_run) }).await;
    }

    async fn one_that_is_stored_while_the_worker_sleeps_wakes_it<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let worker = Worker::new(&store).state(done.clone()).register::<send>();
        let supervisor = Supervisor::builder().store(store.clone()).build();
        beside(worker.run_until(std::future::pending::<()>()), supervisor.scope(async {
            for job in 0..5 {
                // Long enough for it to look as rarely as it ever does.
                tokio::time::sleep(Duration::from_millis(700)).await;
                send(format!("{job}")).await.unwrap();
                tokio::time::timeout(LOST, done.next(1)).await.expect("a wake-up was lost");
            }
        })).await;
    }
}
