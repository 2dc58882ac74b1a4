//! Empty jobs a second through durable functions, beside the bare engine in the same run: stored and run 1, 20 and 100 at a
//! time, on SQLite, and on PostgreSQL where `DATABASE_URL` names one. Then with 10 000 and 100 000 rows of jobs that are done,
//! and how long single jobs wait.
//!
//! `cargo bench --manifest-path durable/Cargo.toml`, or below `.ci/postgres run`. A number as argument is how many jobs; 4 000 is
//! the default. `durable/benches/README.md` says what came out.

mod bare;
mod ours;
mod waits;

use std::path::Path;
use std::time::{Duration, Instant};

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use bare::Bare;
use detached_apalis::{Engine, Postgres, Sqlite};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use ulid::Ulid;

const AT_ONCE: [usize; 3] = [1, 20, 100];

const ROUNDS: usize = 4;

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
    let pool = sqlite_pool(&bare, SqliteSynchronous::Normal).await;
    SqliteStorage::migrations().run(&pool).await.unwrap();
    // As ours stores: a call is on the disk before it counts as stored.
    let on_disk = sqlite_pool(&bare, SqliteSynchronous::Full).await;
    let store = Sqlite::open(&ours).await.unwrap();
    for at_once in AT_ONCE {
        compare(&format!("SQLite, {at_once} at a time"), &pool, Some(&on_disk), &store, jobs, at_once).await;
    }
    let rows = sqlite_pool(&ours, SqliteSynchronous::Normal).await;
    for (done, more) in [(10_000, 10_000), (100_000, 90_000)] {
        done_rows(&pool, more).await;
        done_rows(&rows, more).await;
        compare(&format!("beside {done} done rows"), &pool, None, &store, jobs, 20).await;
    }
    waits::report("SQLite", &store).await;
}

async fn sqlite_pool(file: &Path, synchronous: SqliteSynchronous) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous);
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
        compare(&format!("PostgreSQL, {at_once} at a time"), &pool, None, &store, jobs, at_once).await;
    }
    waits::report("PostgreSQL", &store).await;
}

/// The engine and a durable function in turns, so that a machine that is busy for a while is so for both.
async fn compare<B: Bare>(what: &str, bare: &B, on_disk: Option<&B>, store: &impl Engine, jobs: usize, at_once: usize) {
    let (mut engine, mut ours, mut flushed) = (Took::default(), Took::default(), Duration::ZERO);
    let jobs = jobs / ROUNDS;
    for _ in 0..ROUNDS {
        let queue = &*Ulid::generate().to_string();
        engine.add(bare.enqueue(queue, jobs, at_once), bare.run(queue, jobs, at_once)).await;
        if let Some(on_disk) = on_disk {
            flushed += timed(on_disk.enqueue("never run", jobs, at_once)).await;
        }
        ours.add(ours::enqueue(store, jobs, at_once), ours::run(store, jobs, at_once)).await;
    }
    let rate = |took| rate(jobs * ROUNDS, took);
    println!("{:>40} {:>10.0} {:>10.0}", format!("{what}: the engine"), rate(engine.enqueued), rate(engine.run));
    if on_disk.is_some() {
        println!("{:>40} {:>10.0}", "the engine, calls on the disk", rate(flushed));
    }
    println!("{:>40} {:>10.0} {:>10.0}", "through us", rate(ours.enqueued), rate(ours.run));
    let ratios = [(engine.enqueued, ours.enqueued), (engine.run, ours.run)];
    let [enqueued, run] = ratios.map(|(engine, ours)| engine.as_secs_f64() / ours.as_secs_f64());
    println!("{:>40} {enqueued:>9.2}x {run:>9.2}x", "of the engine");
}

/// How long all rounds took.
#[derive(Default)]
struct Took {
    enqueued: Duration,
    run: Duration,
}

impl Took {
    async fn add(&mut self, enqueue: impl Future<Output = ()>, run: impl Future<Output = ()>) {
        self.enqueued += timed(enqueue).await;
        self.run += timed(run).await;
    }
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(jobs: usize, took: Duration) -> f64 {
    jobs as f64 / took.as_secs_f64()
}
