//! The clock is put back.

use std::time::Duration;

use detached_apalis::{Jobs, State};
use sqlx::SqlitePool;

use crate::ledger::{Ledger, Place, sqlite};
use crate::process::{Process, slow, stored};

/// PostgreSQL's has the server's clock alone.
#[tokio::test]
async fn a_worker_that_died_in_the_future_is_found_dead() {
    let place = Place::sqlite();
    let store = sqlite(&place.url).await;
    let ledger = Ledger::open(&place.url).await;
    let first = Process::start(&place.url);
    stored(&store, || slow(1)).await;
    while Jobs::of(&store).list(State::Running).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    first.kill();
    // As if the clock had been an hour ahead until now.
    let pool = SqlitePool::connect(&place.url).await.unwrap();
    sqlx::query("UPDATE Workers SET last_seen = last_seen + 3600").execute(&pool).await.unwrap();
    let _second = Process::start(&place.url);
    ledger.until(1).await;
    ledger.until_all_are_done_but(0).await;
}
