//! PostgreSQL: the store for many machines.

use std::future::Future;
use std::io;
use std::slice;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use apalis_core::worker::context::WorkerContext;
use apalis_postgres::PostgresStorage;
use apalis_postgres::queries::{keep_alive, reenqueue_orphaned};
use detached::durable::{Enqueued, JobId, NewJob, Store, StoreError, StoreIn, install};
use sqlx::postgres::{PgConnection, PgListener, PgPool, PgPoolOptions, PgRow};
use sqlx::{Row as _, Transaction};
use tokio::sync::Notify;

use crate::engine::{Claimed, Engine, Fate, Result, Settled, Statements, seconds, time};
use crate::job::{Job, State};
use crate::jobs::Jobs;
use crate::storing::{NewRow, Stored, Storing};

/// A store in a database of PostgreSQL, for programs on many machines.
///
/// Calls that a program makes at the same time are stored by one statement, or each by its own if PostgreSQL refuses one of them.
/// Those with a key are stored by themselves: they may have to wait for a transaction that has the key.
///
/// ```no_run
/// # use detached_apalis::{Postgres, State};
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Postgres::connect("postgres://localhost/shop").await?;
/// store.install();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Postgres {
    pool: PgPool,
    storing: Storing,
}

impl Postgres {
    /// Connects to a database, and makes apalis's tables in it if they are not there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`]: what the database says.
    ///
    /// ```no_run
    /// # use detached_apalis::{Postgres, State};
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Postgres::connect("postgres://localhost/shop").await?;
    /// # Ok(()) }
    /// ```
    pub async fn connect(url: &str) -> std::result::Result<Self, StoreError> {
        // Whoever stores is told soon that the database is away, and may say so to whom it serves.
        let options = PgPoolOptions::new().max_connections(10).acquire_timeout(Duration::from_secs(5));
        Self::in_pool(options.connect(url).await.map_err(StoreError::unavailable)?).await
    }

    /// In a pool of one's own; apalis's tables are made if they are not there. A worker needs up to four connections at a
    /// time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`]: what the database says.
    ///
    /// ```no_run
    /// # use detached_apalis::{Postgres, State};
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = sqlx::PgPool::connect("postgres://localhost/shop").await?;
    /// let store = Postgres::in_pool(pool).await?;
    /// # Ok(()) }
    /// ```
    pub async fn in_pool(pool: PgPool) -> std::result::Result<Self, StoreError> {
        PostgresStorage::setup(&pool).await.map_err(StoreError::unavailable)?;
        Ok(Self { pool, storing: Storing::new() })
    }

    /// Makes it the store of all durable calls that are made in this program from now on.
    ///
    /// ```no_run
    /// # use detached_apalis::{Postgres, State};
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Postgres::connect("postgres://localhost/shop").await?;
    /// store.install();
    /// # Ok(()) }
    /// ```
    pub fn install(&self) {
        install(self.clone());
    }

    /// Its jobs: those that wait, that failed, that were set aside.
    ///
    /// ```no_run
    /// # use detached_apalis::{Postgres, State};
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Postgres::connect("postgres://localhost/shop").await?;
    /// for job in store.jobs().list(State::Failed).await? {
    ///     println!("{job}");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn jobs(&self) -> Jobs<Self> {
        Jobs::new(self.clone())
    }

    /// Rings at each new job of the queue, until the connection breaks.
    async fn hear(&self, queue: &str, bell: &Notify) -> Result<()> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen("apalis::job::insert").await?;
        while let Some(notification) = listener.try_recv().await? {
            let event: Option<serde_json::Value> = serde_json::from_str(notification.payload()).ok();
            if event.is_some_and(|event| event["job_type"] == *queue) {
                bell.notify_one();
            }
        }
        Ok(())
    }

    /// Closes the connections. What uses the store from then on is told that it is not available.
    ///
    /// ```no_run
    /// # use detached_apalis::{Postgres, State};
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Postgres::connect("postgres://localhost/shop").await?;
    /// store.close().await;
    /// # Ok(()) }
    /// ```
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("pool", &self.pool).finish_non_exhaustive()
    }
}

/// In one statement. How many rows there are more: a row whose key is taken is left out.
async fn insert(rows: &[NewRow], connection: &mut PgConnection) -> Result<u64> {
    // What is due now is so by the clock of the database, which the workers go by.
    const INSERT: &str = "
        INSERT INTO apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority, metadata, idempotency_key)
        SELECT id, queue, job, 'Pending', 0, attempts, COALESCE(to_timestamp(due), now()), 0, ''::hstore, key
        FROM unnest($1::text[], $2::text[], $3::bytea[], $4::int4[], $5::float8[], $6::text[])
            AS row (id, queue, job, attempts, due, key)
        ON CONFLICT (job_type, idempotency_key) DO NOTHING";
    fn column<'a, T>(rows: &'a [NewRow], cell: impl FnMut(&'a NewRow) -> T) -> Vec<T> {
        rows.iter().map(cell).collect()
    }
    let query = sqlx::query(INSERT).bind(column(rows, |row| &*row.id)).bind(column(rows, |row| row.queue));
    let query = query.bind(column(rows, |row| &*row.payload));
    let query = query.bind(column(rows, |row| i32::try_from(row.attempts).unwrap_or(i32::MAX)));
    let query = query.bind(column(rows, |row| row.not_before.map(fractional)));
    let inserted = query.bind(column(rows, |row| row.key.as_deref())).execute(connection).await?;
    Ok(inserted.rows_affected())
}

async fn insert_one(row: &NewRow, connection: &mut PgConnection) -> Stored {
    row.stored(insert(slice::from_ref(row), connection).await.map_err(StoreError::unavailable)?)
}

async fn insert_all(pool: PgPool, rows: Vec<NewRow>) -> Vec<Stored> {
    let mut stored = Vec::with_capacity(rows.len());
    if let Err(error) = insert_by_parts(&rows, &pool, &mut stored).await {
        // The rest is not tried: it would wait as long again, one part after the other, and who comes meanwhile for all of them.
        stored.resize(rows.len(), Err(StoreError::unavailable(error)));
    }
    stored
}

/// Rows in as few transactions as may be; where the database refuses one of them, each in its own.
///
/// # Errors
///
/// When the database does not answer: of the rows that are not among `stored` then nothing is known.
async fn insert_by_parts(rows: &[NewRow], pool: &PgPool, stored: &mut Vec<Stored>) -> Result<()> {
    for rows in rows.chunks(TOGETHER) {
        let mut connection = in_time(pool.acquire()).await?;
        match in_time(insert(rows, &mut connection)).await {
            Ok(_) => stored.extend(rows.iter().map(|_| Ok(()))),
            Err(sqlx::Error::Database(_)) => {
                for row in rows {
                    stored.push(match in_time(insert(slice::from_ref(row), &mut connection)).await {
                        Ok(inserted) => row.stored(inserted),
                        Err(error @ sqlx::Error::Database(_)) => Err(StoreError::unavailable(error)),
                        Err(error) => return Err(error),
                    });
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// One connection that hangs must not hold up all who store.
async fn in_time<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the database does not answer");
    tokio::time::timeout(PATIENCE, answer).await.map_err(late)?
}

/// How many rows are stored in one statement, and how large each may be, in bytes: what PostgreSQL takes has a limit.
const TOGETHER: usize = 1_000;
const LARGE: usize = 64 * 1024;

/// How long a statement may take that calls of others wait for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A key may have to wait for a transaction that has it, and nobody is to wait along: least of all whoever would end that
/// transaction.
fn is_alone(row: &NewRow) -> bool {
    row.key.is_some() || row.payload.len() > LARGE
}

/// Seconds since 1970.
fn fractional(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

impl Store for Postgres {
    fn enqueue(&self, job: NewJob) -> Enqueued<'_> {
        Box::pin(async move {
            let row = NewRow::new(job);
            let id = row.job_id();
            if is_alone(&row) {
                let mut connection = self.pool.acquire().await.map_err(StoreError::unavailable)?;
                insert_one(&row, &mut connection).await?;
            } else {
                // PostgreSQL commits one after the other what notifies workers, as each new job does, so callers gain nothing
                // by transactions of their own.
                let pool = self.pool.clone();
                self.storing.store(row, move |rows| insert_all(pool.clone(), rows)).await?;
            }
            Ok(id)
        })
    }
}

/// A transaction of a database that has apalis's tables, as [`Postgres::connect`] makes them.
impl StoreIn<Postgres> for PgConnection {
    async fn enqueue(&mut self, job: NewJob) -> std::result::Result<JobId, StoreError> {
        let row = NewRow::new(job);
        insert_one(&row, self).await?;
        Ok(row.job_id())
    }
}

/// As of its connection.
impl StoreIn<Postgres> for Transaction<'_, sqlx::Postgres> {
    fn enqueue(&mut self, job: NewJob) -> impl Future<Output = std::result::Result<JobId, StoreError>> + Send {
        StoreIn::enqueue(&mut **self, job)
    }
}

impl Engine for Postgres {}

impl Statements for Postgres {
    const POLL: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

    async fn register(&self, worker: &str, queue: &str, _: Duration) -> Result<()> {
        const REGISTER: &str = "
            INSERT INTO apalis.workers (id, worker_type, storage_name, layers, last_seen, started_at)
            VALUES ($1, $2, 'detached', '', now(), now())";
        sqlx::query(REGISTER).bind(worker).bind(queue).execute(&self.pool).await.map(drop)
    }

    async fn beat(&self, worker: &str, queue: &str) -> Result<Duration> {
        const UNSEEN: &str = "
            SELECT extract(epoch FROM now() - last_seen)::double precision FROM apalis.workers WHERE id = $1";
        let mut transaction = self.pool.begin().await?;
        let query = sqlx::query_scalar(UNSEEN).bind(worker);
        let unseen: Option<f64> = query.fetch_optional(&mut *transaction).await?;
        keep_alive(&mut *transaction, queue, &WorkerContext::new(worker)).await.map_err(as_sqlx)?;
        transaction.commit().await?;
        Ok(unseen.and_then(|unseen| Duration::try_from_secs_f64(unseen).ok()).unwrap_or_default())
    }

    async fn take_over(&self, queue: &str, dead_after: Duration) -> Result<u64> {
        let mut connection = self.pool.acquire().await?;
        reenqueue_orphaned(&mut *connection, queue, dead_after.as_secs()).await.map_err(as_sqlx)
    }

    async fn claim(&self, worker: &str, queue: &str, at_most: usize) -> Result<Vec<Claimed>> {
        // Apalis's own function. Nobody waits for the disk: a claim that is lost with the database was none.
        const CLAIM: &str = "
            SELECT jobs.id, COALESCE(job, ''::bytea) AS job, attempts > 0 AS is_redelivered,
                   metadata -> 'not_here_since' AS refused_since
            FROM (SELECT set_config('synchronous_commit', 'off', true)) AS lazily, apalis.get_jobs($1, $2, $3) AS jobs";
        let query = sqlx::query(CLAIM).bind(worker).bind(queue).bind(i32::try_from(at_most).unwrap_or(i32::MAX));
        query.fetch_all(&self.pool).await?.iter().map(claimed).collect()
    }

    async fn rewrite(&self, worker: &str, id: &str, payload: &[u8]) -> Result<bool> {
        const REWRITE: &str = "UPDATE apalis.jobs SET job = $3 WHERE id = $2 AND lock_by = $1";
        let rewritten = sqlx::query(REWRITE).bind(worker).bind(id).bind(payload).execute(&self.pool).await?;
        Ok(rewritten.rows_affected() > 0)
    }

    async fn settle(&self, settled: &[Settled]) -> Result<()> {
        // This one waits for the disk: were it lost with the database, the worker would live on and hold the job for ever.
        const SETTLE: &str = "
            WITH fates AS (
                SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::float8[], $6::text[], $7::text[])
                    AS fate (id, worker, status, job, after, error, since)
            )
            UPDATE apalis.jobs AS jobs SET
                status = fates.status,
                job = COALESCE(fates.job, jobs.job),
                last_result = CASE WHEN fates.error IS NOT NULL THEN jsonb_build_object('Err', fates.error) END,
                metadata = CASE WHEN fates.since IS NULL THEN ''::hstore ELSE hstore('not_here_since', fates.since) END,
                run_at = COALESCE(now() + make_interval(secs => fates.after), jobs.run_at),
                attempts = CASE WHEN fates.status <> 'Pending' THEN jobs.max_attempts
                                WHEN fates.after IS NULL THEN jobs.attempts ELSE 0 END,
                lock_by = CASE WHEN fates.status = 'Pending' THEN NULL ELSE jobs.lock_by END,
                lock_at = CASE WHEN fates.status = 'Pending' THEN NULL ELSE jobs.lock_at END,
                done_at = CASE WHEN fates.status = 'Pending' THEN NULL ELSE now() END
            FROM fates WHERE jobs.id = fates.id AND jobs.lock_by = fates.worker";
        let mut rows = Rows::default();
        for settled in settled {
            rows.add(settled);
        }
        let query = sqlx::query(SETTLE).bind(rows.ids).bind(rows.workers).bind(rows.statuses).bind(rows.payloads);
        query.bind(rows.afters).bind(rows.errors).bind(rows.sinces).execute(&self.pool).await.map(drop)
    }

    async fn purge(&self, done_before: SystemTime) -> Result<u64> {
        const DONE: &str = "
            DELETE FROM apalis.jobs WHERE id IN
                (SELECT id FROM apalis.jobs WHERE status = 'Done' AND done_at < to_timestamp($1) LIMIT 500 FOR UPDATE SKIP LOCKED)";
        const GONE: &str = "
            DELETE FROM apalis.workers WHERE last_seen < now() - interval '1 day'
                AND NOT EXISTS (SELECT 1 FROM apalis.jobs WHERE lock_by = workers.id)";
        let purged = sqlx::query(DONE).bind(fractional(done_before)).execute(&self.pool).await?.rows_affected();
        if purged == 0 {
            sqlx::query(GONE).execute(&self.pool).await?;
        }
        Ok(purged)
    }

    async fn listen(&self, queue: String, bell: Arc<Notify>) {
        loop {
            // An error is no news: the bell is not the only way to find a job.
            let _ = self.hear(&queue, &bell).await;
            tokio::time::sleep(Self::POLL.1).await;
        }
    }

    async fn list(&self, state: State, queue: Option<&str>, at_most: usize) -> Result<Vec<Job>> {
        const LIST: &str = "
            SELECT id, COALESCE(job, ''::bytea) AS job, job_type, ceil(extract(epoch FROM run_at))::bigint AS run_at,
                   last_result ->> 'Err' AS error
            FROM apalis.jobs WHERE status = ANY($1) AND ($2::text IS NULL OR job_type = $2)
            ORDER BY apalis.jobs.run_at DESC, id DESC LIMIT $3";
        let query = sqlx::query(LIST).bind(state.statuses()).bind(queue);
        let rows = query.bind(i64::try_from(at_most).unwrap_or(i64::MAX)).fetch_all(&self.pool).await?;
        let job = |row: &PgRow| {
            Ok(Job {
                id: row.try_get::<String, _>("id")?.into(),
                queue: row.try_get("job_type")?,
                state,
                due: time(row.try_get("run_at")?),
                error: row.try_get("error")?,
                payload: row.try_get("job")?,
            })
        };
        rows.iter().map(job).collect()
    }

    async fn revive(&self, id: &JobId, payload: &[u8]) -> Result<bool> {
        const REVIVE: &str = "
            UPDATE apalis.jobs SET status = 'Pending', job = $2, run_at = now(), attempts = 0, lock_by = NULL, lock_at = NULL,
                done_at = NULL, last_result = NULL, metadata = ''::hstore
            WHERE id = $1 AND status IN ('Done', 'Failed', 'Killed')";
        let revived = sqlx::query(REVIVE).bind(id.as_str()).bind(payload).execute(&self.pool).await?;
        Ok(revived.rows_affected() > 0)
    }

    async fn remove(&self, id: &JobId) -> Result<bool> {
        const REMOVE: &str = "DELETE FROM apalis.jobs WHERE id = $1 AND status NOT IN ('Queued', 'Running')";
        Ok(sqlx::query(REMOVE).bind(id.as_str()).execute(&self.pool).await?.rows_affected() > 0)
    }

    async fn payload(&self, id: &JobId) -> Result<Option<Vec<u8>>> {
        const PAYLOAD: &str = "SELECT COALESCE(job, ''::bytea) FROM apalis.jobs WHERE id = $1";
        sqlx::query_scalar(PAYLOAD).bind(id.as_str()).fetch_optional(&self.pool).await
    }
}

fn claimed(row: &PgRow) -> Result<Claimed> {
    let refused_since: Option<String> = row.try_get("refused_since")?;
    Ok(Claimed {
        id: row.try_get("id")?,
        payload: row.try_get("job")?,
        is_redelivered: row.try_get("is_redelivered")?,
        refused_since: refused_since.and_then(|since| since.parse().ok()).map(time),
    })
}

/// What is settled, by columns.
#[derive(Default)]
struct Rows<'a> {
    ids: Vec<&'a str>,
    workers: Vec<&'a str>,
    statuses: Vec<&'static str>,
    payloads: Vec<Option<&'a [u8]>>,
    /// None of what is not to run again, and of what was not run.
    afters: Vec<Option<f64>>,
    errors: Vec<Option<String>>,
    sinces: Vec<Option<String>>,
}

impl<'a> Rows<'a> {
    fn add(&mut self, settled: &'a Settled) {
        let (status, payload, after, error, since) = match &settled.fate {
            Fate::Done => ("Done", None, None, None, None),
            Fate::Unrun { payload } => ("Pending", payload.as_ref(), None, None, None),
            Fate::Again { payload, after, error } => ("Pending", Some(payload), Some(after), error.as_ref(), None),
            Fate::Failed { payload, error } => ("Failed", Some(payload), None, error.as_ref(), None),
            Fate::Refused { payload, since, after, error } => {
                ("Pending", payload.as_ref(), Some(after), Some(error), Some(*since))
            }
            Fate::SetAside { payload, error } => ("Killed", payload.as_ref(), None, Some(error), None),
        };
        self.ids.push(&settled.id);
        self.workers.push(&settled.worker);
        self.statuses.push(status);
        self.payloads.push(payload.map(Vec::as_slice));
        self.afters.push(after.map(Duration::as_secs_f64));
        // Text of PostgreSQL's has no zero in it.
        self.errors.push(error.map(|error| error.replace('\0', "")));
        self.sinces.push(since.map(|since| seconds(since).to_string()));
    }
}

fn as_sqlx(error: apalis_postgres::Error) -> sqlx::Error {
    match error {
        apalis_postgres::Error::Database(error) => error,
        error => sqlx::Error::Protocol(error.to_string()),
    }
}
