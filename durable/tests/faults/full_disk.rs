//! The disk is full.

use detached::Supervisor;
use detached::durable::StoreError;
use detached_apalis::{Jobs, Sqlite, State};
use sqlx::sqlite::SqliteConnectOptions;

use crate::ledger::{Ledger, Place, sqlite};
use crate::process::{Process, count};

#[tokio::test]
async fn the_caller_is_told_and_what_was_stored_is_run_once_there_is_room() {
    let place = Place::sqlite();
    // The tables, before the limit.
    drop(sqlite(&place.url).await);
    let options: SqliteConnectOptions = place.url.parse().unwrap();
    let store = Sqlite::connect(options.pragma("max_page_count", "60")).await.unwrap();
    let supervisor = Supervisor::builder().store(store.clone()).build();
    let mut stored = 0;
    let error = loop {
        match supervisor.scope(async { count(stored).await }).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 10_000, "it never gets full");
    };
    assert!(matches!(&error, StoreError::Unavailable(error) if error.to_string().contains("full")), "{error:?}");
    assert!(stored > 0);
    store.close().await;

    let ledger = Ledger::open(&place.url).await;
    let _worker = Process::start(&place.url);
    ledger.until(stored).await;
    assert_eq!(Jobs::of(&sqlite(&place.url).await).list(State::Failed).await.unwrap(), []);
}
