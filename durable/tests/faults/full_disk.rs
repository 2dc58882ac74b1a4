//! The disk is full.

use detached::Supervisor;
use detached::durable::StoreError;
use detached_apalis::Sqlite;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use crate::ledger::{Ledger, Place, sqlite};
use crate::process::{Process, count};

#[tokio::test]
async fn the_caller_is_told_and_all_that_was_stored_is_run_once_there_is_room() {
    let place = Place::sqlite();
    // The tables, and something to take away later on; before the limit, which is what there is.
    drop(sqlite(&place.url).await);
    let pool = SqlitePool::connect(&place.url).await.unwrap();
    sqlx::query("CREATE TABLE much AS SELECT zeroblob(1000000) AS bytes").execute(&pool).await.unwrap();
    let options: SqliteConnectOptions = place.url.parse().unwrap();
    let store = Sqlite::connect(options.pragma("max_page_count", "1")).await.unwrap();
    let supervisor = Supervisor::builder().store(store.clone()).build();
    let mut stored = 0;
    let mut error = None;
    while error.is_none() {
        match supervisor.scope(async { count(stored).await }).await {
            Ok(_) => stored += 1,
            Err(full) => error = Some(full),
        }
        assert!(stored < 10_000, "it never gets full");
    }
    let is_full =
        |error: &StoreError| matches!(error, StoreError::Unavailable(error) if error.to_string().contains("full"));
    assert!(error.as_ref().is_some_and(is_full), "{error:?}");
    let error = supervisor.scope(async { count(-1).await }).await.unwrap_err();
    assert!(is_full(&error), "still, and not something else: {error:?}");
    assert!(stored > 0);

    sqlx::query("DROP TABLE much").execute(&pool).await.unwrap();
    supervisor.scope(async { count(stored).await }).await.expect("there is room");
    let ledger = Ledger::open(&place.url).await;
    let _worker = Process::start(&place.url);
    ledger.until(stored + 1).await;
    ledger.until_all_are_done_but(0).await;
}
