//! What a worker says while its database cannot do what it asks, and what it does once that is over.

use std::sync::Arc;
use std::time::Duration;

use detached::background;
use detached_apalis::{Jobs, Sqlite, State, Worker};
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::Semaphore;

use crate::functions::{Done, Gate, beside, stored, wait};
use crate::log::Log;
use crate::stores::{Database as _, OnSqlite, on_each_database};

on_each_database! {
    async fn it_says_what_it_cannot_do_and_does_it_once_it_can<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let gate = Gate(Arc::new(Semaphore::new(0)));
        stored(&store, || wait("a".into())).await;
        let (log, _heard) = Log::listen();
        let worker = Worker::new(&store).state(done.clone()).state(gate.clone()).register::<wait>();
        let worker = worker.liveness(Duration::from_secs(1), 3);
        beside(worker.run_until(std::future::pending::<()>()), async {
            assert_eq!(done.next(1).await, ["a begins"]);
            let error = database.take_jobs_away().await;
            gate.0.add_permits(1);
            assert_eq!(done.next(1).await, ["a ends"]);
            for what in [
                "jobs cannot be claimed",
                "the worker cannot show that it lives",
                "what has become of jobs cannot be written",
            ] {
                for errors in 1..=2 {
                    let said = format!(" WARN detached: {what}; to be tried again error={error}");
                    log.until(&[&said, &format!(" errors={errors} pause=")]).await;
                }
            }

            database.bring_jobs_back().await;
            log.until(&[" INFO detached: jobs are claimed again"]).await;
            log.until(&[" INFO detached: the worker shows again that it lives"]).await;
            while Jobs::of(&store).list(State::Done).await.unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        }).await;
        assert!(done.is_silent(), "it ran once");
    }
}

/// Fails with more words than there is room for.
#[background(durable = "mail", timeout = "30s", attempts = 1)]
async fn fail_at_length(#[state] done: Done) -> Result<(), String> {
    done.note("failed");
    Err("too long ".repeat(1_000))
}

#[tokio::test]
async fn what_became_of_a_job_is_kept_until_the_disk_has_room() {
    let database = OnSqlite::new().await;
    let (unlimited, done) = (database.store(), Done::new());
    stored(&unlimited, || fail_at_length()).await;
    // A page or two for what is small, as a claim is, and something to take away later on.
    for statement in [
        "CREATE TABLE some AS SELECT zeroblob(8000) AS bytes",
        "CREATE TABLE much AS SELECT zeroblob(1000000) AS bytes",
        "DROP TABLE some",
    ] {
        sqlx::query(statement).execute(database.pool()).await.unwrap();
    }
    // No larger than it is.
    let options: SqliteConnectOptions = database.url().parse().unwrap();
    let full = Sqlite::connect(options.pragma("max_page_count", "1")).await.unwrap();
    let (log, _heard) = Log::listen();
    let worker = Worker::new(&full).state(done.clone()).register::<fail_at_length>();
    let jobs = Jobs::of(&unlimited);
    beside(worker.run_until(std::future::pending::<()>()), async {
        assert_eq!(done.next(1).await, ["failed"]);
        log.until(&["what has become of jobs cannot be written", "database or disk is full"]).await;
        assert_eq!(jobs.list(State::Running).await.unwrap().len(), 1);
        sqlx::query("DROP TABLE much").execute(database.pool()).await.unwrap();
        let written = async {
            while jobs.list(State::Failed).await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_mins(1), written).await.is_ok(), "{}", log.text());
    })
    .await;
    let failed = jobs.list(State::Failed).await.unwrap();
    assert_eq!(failed[0].error.as_ref().map(String::len), Some(9_000), "as it was told");
    assert!(jobs.list(State::Running).await.unwrap().is_empty());
    assert!(done.is_silent(), "it ran once");
}
