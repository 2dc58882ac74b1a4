//! Empty jobs a second through durable functions, beside the bare engine in the same run: stored and run 1, 20 and 100 at a
//! time, on SQLite, and on PostgreSQL where `DATABASE_URL` names one. Then with 10 000 and 100 000 rows of jobs that are done,
//! and how long single jobs wait.
//!
//! `cargo bench --manifest-path durable/Cargo.toml`, or below `.ci/postgres run`. A number as argument is how many jobs.

mod bare;
mod ours;
mod waits;

use std::path::Path;
use std::time::{Duration, Instant};

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use detached_apalis::{Postgres, Sqlite};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

const AT_ONCE: [usize; 3] = [1, 20, 100];

#[tokio::main]
async fn main() {
    let jobs = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(4_000);
    println!("{:>40} {:>10} {:>10}", "empty jobs a second", "enqueue", "run");
    sqlite(jobs).await;
    if let Ok(url) = std::env::var("DATABASE_URL") {
        postgres(&url, jobs).await;
    }
}

async fn sqlite(jobs: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (bare, ours) = (folder.path().join("bare.db"), folder.path().join("ours.db"));
    let pool = sqlite_pool(&bare).await;
    SqliteStorage::migrations().run(&pool).await.unwrap();
    let store = Sqlite::open(&ours).await.unwrap();
    for at_once in AT_ONCE {
        let queue = format!("bare-{at_once}");
        let enqueued = timed(bare::sqlite::enqueue(&pool, &queue, jobs, at_once)).await;
        let run = timed(bare::sqlite::run(&pool, &queue, jobs, at_once)).await;
        report(&format!("SQLite, {at_once} at a time: the engine"), jobs, enqueued, run);
        let enqueued = timed(ours::enqueue(&store, jobs, at_once)).await;
        let run = timed(ours::run(&store, jobs, at_once)).await;
        report("through us", jobs, enqueued, run);
    }
    let rows = sqlite_pool(&ours).await;
    for (done, more) in [(10_000, 10_000), (100_000, 90_000)] {
        let queue = format!("bare-{done}");
        done_rows(&pool, more).await;
        let enqueued = timed(bare::sqlite::enqueue(&pool, &queue, jobs, 20)).await;
        let run = timed(bare::sqlite::run(&pool, &queue, jobs, 20)).await;
        report(&format!("beside {done} done rows: the engine"), jobs, enqueued, run);
        done_rows(&rows, more).await;
        let enqueued = timed(ours::enqueue(&store, jobs, 20)).await;
        let run = timed(ours::run(&store, jobs, 20)).await;
        report("through us", jobs, enqueued, run);
    }
    waits::report("SQLite", &store).await;
}

async fn sqlite_pool(file: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    SqlitePoolOptions::new().connect_with(options).await.unwrap()
}

/// Adds jobs that were done a moment ago.
async fn done_rows(pool: &SqlitePool, count: i64) {
    const INSERT: &str = "
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
        INSERT INTO Jobs (job, id, job_type, status, done_at)
        SELECT '{}', 'done-' || ?1 || '-' || n, 'bare-20', 'Done', strftime('%s', 'now') FROM number";
    sqlx::query(INSERT).bind(count).execute(pool).await.unwrap();
}

async fn postgres(url: &str, jobs: usize) {
    let pool: PgPool = PgPoolOptions::new().connect(url).await.unwrap();
    PostgresStorage::setup(&pool).await.unwrap();
    let store = Postgres::connect(url).await.unwrap();
    for at_once in AT_ONCE {
        let queue = format!("bare-{at_once}");
        let enqueued = timed(bare::postgres::enqueue(&pool, &queue, jobs, at_once)).await;
        let run = timed(bare::postgres::run(&pool, &queue, jobs, at_once)).await;
        report(&format!("PostgreSQL, {at_once} at a time: the engine"), jobs, enqueued, run);
        let enqueued = timed(ours::enqueue(&store, jobs, at_once)).await;
        let run = timed(ours::run(&store, jobs, at_once)).await;
        report("through us", jobs, enqueued, run);
    }
    waits::report("PostgreSQL", &store).await;
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn report(what: &str, jobs: usize, enqueued: Duration, run: Duration) {
    let rate = |took: Duration| jobs as f64 / took.as_secs_f64();
    println!("{what:>40} {:>10.0} {:>10.0}", rate(enqueued), rate(run));
}
