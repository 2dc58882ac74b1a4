//! SQLite: the embedded store, for one machine.

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use apalis_core::backend::WorkerFilter;
use apalis_core::worker::context::WorkerContext;
use apalis_sqlite::queries::{keep_alive, reenqueue_orphaned, register_worker};
use apalis_sqlite::{Config, SqliteStorage};
use detached::durable::{Enqueued, JobId, NewJob, Store, StoreError, StoreIn, install};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Connection as _, Row as _, Transaction};
use tokio::sync::Notify;

use crate::engine::{Claimed, Engine, Fate, Result, Settled, Statements, seconds, seconds_until, time};
use crate::job::{Job, State};
use crate::jobs::Jobs;
use crate::storing::{NewRow, Stored, Storing};

/// A store in a file of SQLite, for programs on one machine: several processes may share the file.
///
/// A call is on the disk before it counts as stored.
///
/// ```
/// # use detached_apalis::{Jobs, Sqlite, State, Worker};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
/// println!("{store:?}");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Sqlite(Arc<Inner>);

struct Inner {
    /// Of whoever stores: a commit waits for the disk.
    callers: SqlitePool,
    /// Of the workers: a commit does not. What is lost with the machine is that a job was run, and it runs again.
    workers: SqlitePool,
    /// Who writes. Without it the two would wait for each other in SQLite, which sleeps for up to 100 ms before it looks again,
    /// and knows no order.
    turn: tokio::sync::Mutex<()>,
    storing: Storing,
    /// Rung by what is stored in this process, by their queues.
    bells: Mutex<Vec<(String, Weak<Notify>)>>,
}

impl Sqlite {
    /// Opens the file, or makes it, with apalis's tables in it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`]: what SQLite says.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// let store = Sqlite::open(folder.path().join("more.db")).await?;
    /// # Ok(()) }
    /// ```
    pub async fn open(file: impl AsRef<Path>) -> std::result::Result<Self, StoreError> {
        Self::connect(SqliteConnectOptions::new().filename(file).create_if_missing(true)).await
    }

    /// Opens a database with options of one's own. Its journal is made a write-ahead log; what a commit waits for
    /// (`synchronous`) is as the options say when calls are stored.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`]: what SQLite says.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// use sqlx::sqlite::SqliteConnectOptions;
    /// let options = SqliteConnectOptions::new().filename(folder.path().join("more.db")).create_if_missing(true);
    /// let store = Sqlite::connect(options).await?;
    /// # Ok(()) }
    /// ```
    pub async fn connect(options: SqliteConnectOptions) -> std::result::Result<Self, StoreError> {
        let options = options.journal_mode(SqliteJournalMode::Wal);
        // SQLite has one writer at a time: more connections would only wait for each other, and not in order.
        let one = |options| {
            let pool = SqlitePoolOptions::new().max_connections(1).before_acquire(|connection, _| {
                // Where the disk is full, SQLite ends a transaction itself, and refuses to do so again when it is told to: sqlx
                // takes it for open from then on, and lets nobody begin another one.
                Box::pin(std::future::ready(Ok(!connection.is_in_transaction())))
            });
            pool.connect_with(options)
        };
        let callers = one(options.clone()).await.map_err(StoreError::unavailable)?;
        SqliteStorage::migrations().run(&callers).await.map_err(StoreError::unavailable)?;
        let workers = one(options.synchronous(SqliteSynchronous::Normal)).await.map_err(StoreError::unavailable)?;
        Ok(Self(Arc::new(Inner {
            callers,
            workers,
            turn: tokio::sync::Mutex::new(()),
            storing: Storing::new(),
            bells: Mutex::default(),
        })))
    }

    /// Makes it the store of all durable calls that are made in this program from now on.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// store.install();
    /// # Ok(()) }
    /// ```
    pub fn install(&self) {
        install(self.clone());
    }

    /// Its jobs: those that wait, that failed, that were set aside.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// for job in store.jobs().list(State::Failed).await? {
    ///     println!("{job}");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn jobs(&self) -> Jobs<Self> {
        Jobs::new(self.clone())
    }

    fn ring(&self, queue: &str) {
        let mut bells = self.0.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.retain(|(of, bell)| {
            let bell = bell.upgrade();
            if let Some(bell) = bell.as_ref().filter(|_| of == queue) {
                bell.notify_one();
            }
            bell.is_some()
        });
    }

    /// Closes the connections. What uses the store from then on is told that it is not available.
    ///
    /// ```
    /// # use detached_apalis::{Jobs, Sqlite, State, Worker};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    /// store.close().await;
    /// # Ok(()) }
    /// ```
    pub async fn close(&self) {
        self.0.callers.close().await;
        self.0.workers.close().await;
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("file", &self.0.callers.connect_options().get_filename()).finish_non_exhaustive()
    }
}

async fn insert(row: &NewRow, connection: &mut SqliteConnection) -> Stored {
    const INSERT: &str = "
        INSERT INTO Jobs (job, id, job_type, status, attempts, max_attempts, run_at, priority, metadata, idempotency_key)
        VALUES (?1, ?2, ?3, 'Pending', 0, ?4, ?5, 0, '{}', ?6)
        ON CONFLICT (job_type, idempotency_key) DO NOTHING";
    let due = row.not_before.map_or_else(|| seconds(SystemTime::now()), seconds_until);
    let query = sqlx::query(INSERT).bind(&row.payload).bind(&row.id).bind(row.queue);
    let inserted = query.bind(row.attempts).bind(due).bind(&row.key).execute(connection).await;
    row.stored(inserted.map_err(StoreError::unavailable)?.rows_affected())
}

impl Store for Sqlite {
    fn enqueue(&self, job: NewJob) -> Enqueued<'_> {
        Box::pin(async move {
            let row = NewRow::new(job);
            let (id, queue, store) = (row.job_id(), row.queue, self.clone());
            self.0.storing.store(row, move |rows| insert_all(store.clone(), rows)).await?;
            self.ring(queue);
            Ok(id)
        })
    }
}

async fn insert_all(store: Sqlite, rows: Vec<NewRow>) -> Vec<Stored> {
    let all = async {
        let _turn = store.0.turn.lock().await;
        let mut transaction = store.0.callers.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::unavailable)?;
        let mut results = Vec::with_capacity(rows.len());
        for row in &rows {
            results.push(match insert(row, &mut transaction).await {
                Err(StoreError::Unavailable(error)) => return Err(StoreError::Unavailable(error)),
                result => result,
            });
        }
        transaction.commit().await.map_err(StoreError::unavailable)?;
        Ok(results)
    };
    all.await.unwrap_or_else(|error: StoreError| rows.iter().map(|_| Err(error.clone())).collect())
}

/// A transaction of a database that has apalis's tables, as [`Sqlite::open`] makes them.
impl StoreIn<Sqlite> for SqliteConnection {
    async fn enqueue(&mut self, job: NewJob) -> std::result::Result<JobId, StoreError> {
        let row = NewRow::new(job);
        insert(&row, self).await?;
        Ok(row.job_id())
    }
}

/// As of its connection.
impl StoreIn<Sqlite> for Transaction<'_, sqlx::Sqlite> {
    fn enqueue(&mut self, job: NewJob) -> impl Future<Output = std::result::Result<JobId, StoreError>> + Send {
        StoreIn::enqueue(&mut **self, job)
    }
}

impl Engine for Sqlite {}

impl Statements for Sqlite {
    const POLL: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(100));

    async fn register(&self, worker: &str, queue: &str, heartbeat: Duration) -> Result<()> {
        let config = Config::default().queue(queue).heartbeat_interval(heartbeat);
        register_worker(&self.0.workers, &config, &WorkerContext::new(worker), "detached").await
    }

    async fn beat(&self, worker: &str, queue: &str) -> Result<Duration> {
        const UNSEEN: &str = "SELECT strftime('%s', 'now') - last_seen FROM Workers WHERE id = ?1";
        // Where the clock went back, a dead worker would be seen alive until it is where it was.
        const HEAL: &str =
            "UPDATE Workers SET last_seen = strftime('%s', 'now') WHERE last_seen > strftime('%s', 'now')";
        let _turn = self.0.turn.lock().await;
        let mut transaction = self.0.workers.begin_with("BEGIN IMMEDIATE").await?;
        let query = sqlx::query_scalar(UNSEEN).bind(worker);
        let unseen: Option<i64> = query.fetch_optional(&mut *transaction).await?;
        keep_alive(&mut *transaction, &Config::default().queue(queue), &WorkerContext::new(worker)).await?;
        sqlx::query(HEAL).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Duration::from_secs(unseen.and_then(|unseen| u64::try_from(unseen).ok()).unwrap_or(0)))
    }

    async fn take_over(&self, queue: &str, dead_after: Duration) -> Result<u64> {
        let dead_after = i64::try_from(dead_after.as_secs()).unwrap_or(i64::MAX);
        let _turn = self.0.turn.lock().await;
        reenqueue_orphaned(&self.0.workers, dead_after, queue, &WorkerFilter::None).await
    }

    async fn claim(&self, worker: &str, queue: &str, at_most: usize) -> Result<Vec<Claimed>> {
        // As apalis claims, but for what the row may hold: a row that somebody else wrote must not stand in the way.
        const CLAIM: &str = "
            UPDATE Jobs SET status = 'Queued', lock_by = ?1, lock_at = ?4
            WHERE rowid IN (
                SELECT rowid FROM Jobs
                WHERE job_type = ?2 AND status = 'Pending' AND lock_by IS NULL AND run_at <= ?4
                ORDER BY priority DESC, run_at ASC, id ASC LIMIT ?3
            )
            RETURNING CAST(id AS TEXT) AS id, CAST(job AS BLOB) AS job, attempts > 0 AS is_redelivered,
                      CAST(metadata ->> 'not_here_since' AS INTEGER) AS refused_since";
        let query = sqlx::query(CLAIM).bind(worker).bind(queue).bind(i64::try_from(at_most).unwrap_or(i64::MAX));
        let _turn = self.0.turn.lock().await;
        let rows = query.bind(seconds(SystemTime::now())).fetch_all(&self.0.workers).await?;
        rows.iter().map(claimed).collect()
    }

    async fn rewrite(&self, worker: &str, id: &str, payload: &[u8]) -> Result<bool> {
        const REWRITE: &str = "UPDATE Jobs SET job = ?3 WHERE id = ?2 AND lock_by = ?1";
        let _turn = self.0.turn.lock().await;
        let rewritten = sqlx::query(REWRITE).bind(worker).bind(id).bind(payload).execute(&self.0.workers).await?;
        Ok(rewritten.rows_affected() > 0)
    }

    async fn settle(&self, settled: &[Settled]) -> Result<()> {
        let _turn = self.0.turn.lock().await;
        let mut transaction = self.0.workers.begin_with("BEGIN IMMEDIATE").await?;
        for one in settled {
            settle(one, &mut transaction).await?;
        }
        transaction.commit().await
    }

    async fn purge(&self, done_before: SystemTime) -> Result<u64> {
        const DONE: &str = "
            DELETE FROM Jobs WHERE rowid IN
                (SELECT rowid FROM Jobs WHERE status = 'Done' AND done_at IS NOT NULL AND done_at < ?1 LIMIT 500)";
        const GONE: &str = "
            DELETE FROM Workers WHERE last_seen < strftime('%s', 'now') - 86400
                AND NOT EXISTS (SELECT 1 FROM Jobs WHERE lock_by = Workers.id)";
        let _turn = self.0.turn.lock().await;
        let purged = sqlx::query(DONE).bind(seconds(done_before)).execute(&self.0.workers).await?.rows_affected();
        sqlx::query(GONE).execute(&self.0.workers).await?;
        Ok(purged)
    }

    async fn listen(&self, queue: String, bell: Arc<Notify>) {
        // What is stored in this process is heard; the other ones' jobs are found by looking.
        self.0.bells.lock().unwrap_or_else(PoisonError::into_inner).push((queue, Arc::downgrade(&bell)));
        std::future::pending::<()>().await;
    }

    async fn list(&self, state: State, queue: Option<&str>, at_most: usize) -> Result<Vec<Job>> {
        const LIST: &str = "
            SELECT CAST(id AS TEXT) AS id, CAST(job AS BLOB) AS job, job_type, run_at, last_result ->> 'Err' AS error FROM Jobs
            WHERE status IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR job_type = ?2)
            ORDER BY run_at DESC, id DESC LIMIT ?3";
        let statuses = serde_json::Value::from(state.statuses().to_vec()).to_string();
        let query = sqlx::query(LIST).bind(statuses).bind(queue);
        let rows = query.bind(i64::try_from(at_most).unwrap_or(i64::MAX)).fetch_all(&self.0.workers).await?;
        let job = |row: &SqliteRow| {
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
            UPDATE Jobs SET status = 'Pending', job = ?2, run_at = ?3, attempts = 0, lock_by = NULL, lock_at = NULL,
                done_at = NULL, last_result = NULL, metadata = '{}'
            WHERE id = ?1 AND status IN ('Done', 'Failed', 'Killed')";
        let query = sqlx::query(REVIVE).bind(id.as_str()).bind(payload).bind(seconds(SystemTime::now()));
        Ok(query.execute(&self.0.workers).await?.rows_affected() > 0)
    }

    async fn remove(&self, id: &JobId) -> Result<bool> {
        const REMOVE: &str = "DELETE FROM Jobs WHERE id = ?1 AND status NOT IN ('Queued', 'Running')";
        Ok(sqlx::query(REMOVE).bind(id.as_str()).execute(&self.0.workers).await?.rows_affected() > 0)
    }

    async fn payload(&self, id: &JobId) -> Result<Option<Vec<u8>>> {
        const PAYLOAD: &str = "SELECT CAST(job AS BLOB) FROM Jobs WHERE id = ?1";
        sqlx::query_scalar(PAYLOAD).bind(id.as_str()).fetch_optional(&self.0.workers).await
    }
}

fn claimed(row: &SqliteRow) -> Result<Claimed> {
    Ok(Claimed {
        id: row.try_get("id")?,
        payload: row.try_get("job")?,
        is_redelivered: row.try_get("is_redelivered")?,
        refused_since: row.try_get::<Option<i64>, _>("refused_since")?.map(time),
    })
}

async fn settle(settled: &Settled, connection: &mut SqliteConnection) -> Result<()> {
    const DONE: &str = "
        UPDATE Jobs SET status = 'Done', done_at = ?3, last_result = NULL WHERE id = ?1 AND lock_by = ?2";
    const UNRUN: &str = "
        UPDATE Jobs SET status = 'Pending', job = COALESCE(?3, job), lock_by = NULL, lock_at = NULL
        WHERE id = ?1 AND lock_by = ?2";
    const AGAIN: &str = "
        UPDATE Jobs SET status = 'Pending', job = COALESCE(?3, job), run_at = ?4, last_result = ?5, metadata = ?6,
            attempts = 0, lock_by = NULL, lock_at = NULL
        WHERE id = ?1 AND lock_by = ?2";
    const REST: &str = "
        UPDATE Jobs SET status = ?4, job = COALESCE(?3, job), last_result = ?5, attempts = max_attempts, done_at = ?6
        WHERE id = ?1 AND lock_by = ?2";
    let Settled { worker, id, fate } = settled;
    let now = SystemTime::now();
    let result = |error: &str| serde_json::json!({ "Err": error }).to_string();
    let query = |statement| sqlx::query(statement).bind(id).bind(&**worker);
    let query = match fate {
        Fate::Done => query(DONE).bind(seconds(now)),
        Fate::Unrun { payload } => query(UNRUN).bind(payload),
        Fate::Again { payload, after, error } => {
            let due = if after.is_zero() { seconds(now) } else { seconds_until(now + *after) };
            query(AGAIN).bind(payload).bind(due).bind(error.as_deref().map(result)).bind("{}")
        }
        Fate::Refused { payload, since, after, error } => {
            let metadata = serde_json::json!({ "not_here_since": seconds(*since).to_string() }).to_string();
            query(AGAIN).bind(payload).bind(seconds_until(now + *after)).bind(result(error)).bind(metadata)
        }
        Fate::Failed { payload, error } => {
            query(REST).bind(payload).bind("Failed").bind(error.as_deref().map(result)).bind(seconds(now))
        }
        Fate::SetAside { payload, error } => {
            query(REST).bind(payload).bind("Killed").bind(result(error)).bind(seconds(now))
        }
    };
    query.execute(connection).await.map(drop)
}
