//! Rows of a real database: what tasks leave behind.

use std::env;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, Executor as _, Row as _};
use tempfile::TempDir;

/// A row: of which request, of whom, and what there is to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub request: String,
    pub user: i64,
    pub note: String,
}

impl Row {
    pub fn new(request: &str, user: i64, note: impl ToString) -> Self {
        Self { request: request.to_owned(), user, note: note.to_string() }
    }
}

/// A table of its own, behind a pool of two connections.
#[derive(Clone)]
pub struct Rows {
    pub pool: AnyPool,
    table: Arc<str>,
    is_postgres: bool,
    _folder: Option<Arc<TempDir>>,
}

impl Rows {
    /// In a file that goes away with the last handle.
    pub async fn in_sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}/rows.db?mode=rwc", folder.path().display());
        Self { _folder: Some(Arc::new(folder)), ..Self::at(&url, "visits".to_owned()).await }
    }

    /// In the database that `DATABASE_URL` names; `None`, with a message, where it names none.
    pub async fn in_postgres() -> Option<Self> {
        static TABLES: AtomicUsize = AtomicUsize::new(0);
        let Ok(url) = env::var("DATABASE_URL") else {
            let said = "skipped: DATABASE_URL names no PostgreSQL; `.ci/postgres run cargo test ...` starts one";
            // Past the test harness, which shows nothing of a test that passes.
            let _ = writeln!(std::io::stderr(), "{said}");
            return None;
        };
        // Relaxed: only the numbers are to differ.
        let table = format!("visits_{}_{}", std::process::id(), TABLES.fetch_add(1, Ordering::Relaxed));
        Some(Self::at(&url, table).await)
    }

    /// In an existing or a new table of the database.
    pub async fn at(url: &str, table: String) -> Self {
        install_default_drivers();
        let is_postgres = url.starts_with("postgres");
        let pool = AnyPoolOptions::new()
            .max_connections(2)
            // Many tasks wait here at once, and none of them is to be refused.
            .acquire_timeout(Duration::from_secs(600))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    // No test pulls the plug, so nothing need be on the disk when a transaction ends.
                    let quick = if is_postgres {
                        "SET synchronous_commit = off"
                    } else {
                        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF"
                    };
                    connection.execute(quick).await.map(drop)
                })
            })
            .connect(url)
            .await
            .unwrap();
        let columns = "request TEXT NOT NULL, user_id BIGINT NOT NULL, note TEXT NOT NULL";
        let create = format!("CREATE TABLE IF NOT EXISTS {table} ({columns}, UNIQUE (request, note))");
        pool.execute(create.as_str()).await.unwrap();
        Self { pool, table: table.into(), is_postgres, _folder: None }
    }

    pub async fn write(&self, row: Row) -> sqlx::Result<()> {
        let insert = format!("INSERT INTO {} (request, user_id, note) VALUES ($1, $2, $3)", self.table);
        sqlx::query(&insert).bind(row.request).bind(row.user).bind(row.note).execute(&self.pool).await.map(drop)
    }

    /// Writes in a transaction of several steps, between which whoever runs this can be dropped.
    pub async fn write_in_steps(&self, row: Row) -> sqlx::Result<()> {
        let mut transaction = self.pool.begin().await?;
        let insert = format!("INSERT INTO {} (request, user_id, note) VALUES ($1, $2, 'unfinished')", self.table);
        sqlx::query(&insert).bind(&row.request).bind(row.user).execute(&mut *transaction).await?;
        let update = format!("UPDATE {} SET note = $1 WHERE request = $2 AND note = 'unfinished'", self.table);
        sqlx::query(&update).bind(row.note).bind(row.request).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    /// Reads in a transaction, as a handler does that can be dropped in its middle.
    pub async fn read_in_steps(&self) -> sqlx::Result<i64> {
        let mut transaction = self.pool.begin().await?;
        let count = format!("SELECT count(*) FROM {}", self.table);
        let first: i64 = sqlx::query(&count).fetch_one(&mut *transaction).await?.get(0);
        let second: i64 = sqlx::query(&count).fetch_one(&mut *transaction).await?.get(0);
        transaction.commit().await?;
        Ok(second - first)
    }

    /// All of them, in order.
    pub async fn all(&self) -> Vec<Row> {
        let select = format!("SELECT request, user_id, note FROM {}", self.table);
        let rows = sqlx::query(&select).fetch_all(&self.pool).await.unwrap();
        let mut rows: Vec<Row> =
            rows.iter().map(|row| Row { request: row.get(0), user: row.get(1), note: row.get(2) }).collect();
        rows.sort();
        rows
    }

    /// Asserts that both connections can be had, and that neither is in a transaction; then takes the table away.
    pub async fn close(self) {
        let mut one = self.pool.acquire().await.unwrap();
        let mut other = self.pool.acquire().await.unwrap();
        assert_eq!((self.pool.size(), self.pool.num_idle()), (2, 0));
        if self.is_postgres {
            assert_idle(&mut one, &mut other).await;
            assert_idle(&mut other, &mut one).await;
        } else {
            // Refused inside of a transaction, and while the other connection has one that writes.
            for connection in [&mut one, &mut other] {
                connection.execute("BEGIN IMMEDIATE").await.unwrap();
                connection.execute("ROLLBACK").await.unwrap();
            }
        }
        drop((one, other));
        self.pool.execute(format!("DROP TABLE {}", self.table).as_str()).await.unwrap();
        self.pool.close().await;
    }
}

/// Asserts that PostgreSQL waits for that connection to begin something; as another one sees it.
async fn assert_idle(connection: &mut AnyConnection, seen_from: &mut AnyConnection) {
    let process: i32 = sqlx::query("SELECT pg_backend_pid()").fetch_one(connection).await.unwrap().get(0);
    let state = sqlx::query("SELECT state FROM pg_stat_activity WHERE pid = $1").bind(process);
    let state: String = state.fetch_one(seen_from).await.unwrap().get(0);
    assert_eq!(state, "idle");
}
