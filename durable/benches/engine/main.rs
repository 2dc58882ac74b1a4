//! Empty jobs a second, stored and run 1, 20 and 100 at a time: on SQLite, and on PostgreSQL where `DATABASE_URL` names one.
//!
//! `cargo bench --manifest-path durable/Cargo.toml`, or below `.ci/postgres run`. A number as argument is how many jobs.

mod bare;
mod ours;

use std::time::{Duration, Instant};

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use detached_apalis::{Postgres, Sqlite};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

#[tokio::main]
async fn main() {
    let jobs = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(4_000);
    println!("{:>34} {:>10} {:>10}", "jobs a second", "enqueue", "run");
    sqlite(jobs).await;
    if let Ok(url) = std::env::var("DATABASE_URL") {
        postgres(&url, jobs).await;
    }
}

async fn sqlite(jobs: usize) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("jobs.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let pool = SqlitePoolOptions::new().connect_with(options).await.unwrap();
    SqliteStorage::migrations().run(&pool).await.unwrap();
    for at_once in [1, 20, 100] {
        let queue = format!("bare-{at_once}");
        let enqueued = timed(bare::sqlite::enqueue(&pool, &queue, jobs, at_once)).await;
        let run = timed(bare::sqlite::run(&pool, &queue, jobs, at_once)).await;
        report(&format!("SQLite bare, {at_once} at a time"), jobs, enqueued, run);
    }
    let store = Sqlite::open(folder.path().join("ours.db")).await.unwrap();
    for at_once in [1, 20, 100] {
        let enqueued = timed(ours::enqueue(&store, jobs, at_once)).await;
        let run = timed(ours::run(&store, jobs, at_once)).await;
        report(&format!("SQLite ours, {at_once} at a time"), jobs, enqueued, run);
    }
}

async fn postgres(url: &str, jobs: usize) {
    let pool = PgPoolOptions::new().connect(url).await.unwrap();
    PostgresStorage::setup(&pool).await.unwrap();
    for at_once in [1, 20, 100] {
        let queue = format!("bare-{at_once}");
        let enqueued = timed(bare::postgres::enqueue(&pool, &queue, jobs, at_once)).await;
        let run = timed(bare::postgres::run(&pool, &queue, jobs, at_once)).await;
        report(&format!("PostgreSQL bare, {at_once} at a time"), jobs, enqueued, run);
    }
    let store = Postgres::connect(url).await.unwrap();
    for at_once in [1, 20, 100] {
        let enqueued = timed(ours::enqueue(&store, jobs, at_once)).await;
        let run = timed(ours::run(&store, jobs, at_once)).await;
        report(&format!("PostgreSQL ours, {at_once} at a time"), jobs, enqueued, run);
    }
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn report(what: &str, jobs: usize, enqueued: Duration, run: Duration) {
    let rate = |took: Duration| jobs as f64 / took.as_secs_f64();
    println!("{what:>34} {:>10.0} {:>10.0}", rate(enqueued), rate(run));
}
