//! A store of each test's own, on each database.

use detached_apalis::{Engine, Postgres, Sqlite};
use sqlx::{Connection as _, PgConnection, PgPool, SqlitePool};
use tempfile::TempDir;

use crate::database_url::database_url;

/// A database of a test's own: what the tests need of one beside what a worker does.
pub(crate) trait Database: Sized + Send + Sync {
    type Store: Engine;
    /// A transaction of the caller's.
    type Sqlx: sqlx::Database;

    async fn new() -> Self;
    fn url(&self) -> &str;
    fn store(&self) -> Self::Store;
    fn pool(&self) -> &sqlx::Pool<Self::Sqlx>;
    /// A row that no program of ours has written, and that was given to so many workers that died.
    async fn insert_row(&self, id: &str, payload: &[u8], deaths: i32);
    /// The table of the jobs gets another name. Gives what whoever asks for it is told from then on.
    async fn take_jobs_away(&self) -> &'static str;
    /// It has its name again.
    async fn bring_jobs_back(&self);
    /// As if the clock jumped an hour ahead: all that is written down is an hour older.
    async fn put_clock_forward(&self);
    /// How many workers have not shown for a minute that they live.
    async fn unseen_workers(&self) -> i64;
}

pub(crate) struct OnSqlite {
    url: String,
    store: Sqlite,
    pool: SqlitePool,
    _folder: TempDir,
}

impl Database for OnSqlite {
    type Store = Sqlite;
    type Sqlx = sqlx::Sqlite;

    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jobs.db");
        let store = Sqlite::open(&file).await.unwrap();
        let pool = SqlitePool::connect(file.to_str().unwrap()).await.unwrap();
        Self { url: format!("sqlite:{}", file.display()), store, pool, _folder: folder }
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn store(&self) -> Sqlite {
        self.store.clone()
    }

    fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    async fn insert_row(&self, id: &str, payload: &[u8], deaths: i32) {
        let insert = "INSERT INTO Jobs (id, job_type, job, attempts) VALUES (?1, 'mail', ?2, ?3)";
        sqlx::query(insert).bind(id).bind(payload).bind(deaths).execute(&self.pool).await.unwrap();
    }

    async fn take_jobs_away(&self) -> &'static str {
        sqlx::query("ALTER TABLE Jobs RENAME TO Away").execute(&self.pool).await.unwrap();
        "error returned from database: (code: 1) no such table: Jobs"
    }

    async fn bring_jobs_back(&self) {
        sqlx::query("ALTER TABLE Away RENAME TO Jobs").execute(&self.pool).await.unwrap();
    }

    async fn put_clock_forward(&self) {
        let mut transaction = self.pool.begin().await.unwrap();
        let workers = "UPDATE Workers SET last_seen = last_seen - 3600";
        sqlx::query(workers).execute(&mut *transaction).await.unwrap();
        let jobs = "UPDATE Jobs SET run_at = run_at - 3600, lock_at = lock_at - 3600";
        sqlx::query(jobs).execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
    }

    async fn unseen_workers(&self) -> i64 {
        let unseen = "SELECT count(*) FROM Workers WHERE last_seen < strftime('%s', 'now') - 60";
        sqlx::query_scalar(unseen).fetch_one(&self.pool).await.unwrap()
    }
}

pub(crate) struct OnPostgres {
    url: String,
    store: Postgres,
    pool: PgPool,
}

impl Database for OnPostgres {
    type Store = Postgres;
    type Sqlx = sqlx::Postgres;

    async fn new() -> Self {
        let url = database_url().expect("asked for by the test");
        let name = format!("test_{}", ulid::Ulid::generate().to_string().to_lowercase());
        let mut server = PgConnection::connect(&url).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut server).await.unwrap();
        let (server, _) = url.rsplit_once('/').unwrap();
        let url = format!("{server}/{name}");
        let store = Postgres::connect(&url).await.unwrap();
        let pool = PgPool::connect(&url).await.unwrap();
        Self { url, store, pool }
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn store(&self) -> Postgres {
        self.store.clone()
    }

    fn pool(&self) -> &PgPool {
        &self.pool
    }

    async fn insert_row(&self, id: &str, payload: &[u8], deaths: i32) {
        let insert = "INSERT INTO apalis.jobs (id, job_type, job, attempts) VALUES ($1, 'mail', $2, $3)";
        sqlx::query(insert).bind(id).bind(payload).bind(deaths).execute(&self.pool).await.unwrap();
    }

    async fn take_jobs_away(&self) -> &'static str {
        sqlx::query("ALTER TABLE apalis.jobs RENAME TO away").execute(&self.pool).await.unwrap();
        "error returned from database: relation \"apalis.jobs\" does not exist"
    }

    async fn bring_jobs_back(&self) {
        sqlx::query("ALTER TABLE apalis.away RENAME TO jobs").execute(&self.pool).await.unwrap();
    }

    async fn put_clock_forward(&self) {
        let mut transaction = self.pool.begin().await.unwrap();
        let workers = "UPDATE apalis.workers SET last_seen = last_seen - interval '1 hour'";
        sqlx::query(workers).execute(&mut *transaction).await.unwrap();
        let jobs = "UPDATE apalis.jobs SET run_at = run_at - interval '1 hour', lock_at = lock_at - interval '1 hour'";
        sqlx::query(jobs).execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
    }

    async fn unseen_workers(&self) -> i64 {
        let unseen = "SELECT count(*) FROM apalis.workers WHERE last_seen < now() - interval '1 minute'";
        sqlx::query_scalar(unseen).fetch_one(&self.pool).await.unwrap()
    }
}

/// `on_each_database! { async fn name<D: Database>(database: D) { .. } .. }` makes a test of each for each database.
macro_rules! on_each_database {
    ($($(#[$attribute:meta])* async fn $name:ident<$D:ident: Database>($database:ident: $ty:ty) $body:block)*) => {
        $(async fn $name<$D: crate::stores::Database>($database: $ty) $body)*

        mod sqlite {
            $($(#[$attribute])* #[tokio::test]
            async fn $name() {
                super::$name(<crate::stores::OnSqlite as crate::stores::Database>::new().await).await;
            })*
        }

        mod postgres {
            $($(#[$attribute])* #[tokio::test]
            async fn $name() {
                if crate::database_url::database_url().is_some() {
                    super::$name(<crate::stores::OnPostgres as crate::stores::Database>::new().await).await;
                }
            })*
        }
    };
}
pub(crate) use on_each_database;
