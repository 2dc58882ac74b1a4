//! Which jobs ran, in a table beside the queue's; and the store, by its URL.

use std::time::Duration;

use detached_apalis::{Postgres, Sqlite};
use sqlx::postgres::{PgConnection, PgPoolOptions};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Connection as _, PgPool, SqlitePool};

use crate::database_url::database_url;

/// How long anything may take before it counts as stuck.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A line for each run. Clones are handles to the same table.
#[derive(Clone)]
pub(crate) enum Ledger {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS runs (job BIGINT NOT NULL, attempt BIGINT NOT NULL)";

/// Runs an expression for the pool of either database.
macro_rules! either {
    ($ledger:expr, $pool:ident => $run:expr) => {
        match $ledger {
            Ledger::Sqlite($pool) => $run,
            Ledger::Postgres($pool) => $run,
        }
    };
}

impl Ledger {
    pub(crate) async fn open(url: &str) -> Self {
        let ledger = if url.starts_with("postgres") {
            let options = PgPoolOptions::new().max_connections(2).acquire_timeout(PATIENCE);
            Self::Postgres(options.connect(url).await.unwrap())
        } else {
            Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect(url).await.unwrap())
        };
        either!(&ledger, pool => drop(sqlx::query(TABLE).execute(pool).await.unwrap()));
        ledger
    }

    /// Until it is written: the database may be away.
    pub(crate) async fn note(&self, job: i64, attempt: u32) {
        let (insert, attempt) = ("INSERT INTO runs VALUES ($1, $2)", i64::from(attempt));
        while either!(self, pool => sqlx::query(insert).bind(job).bind(attempt).execute(pool).await.is_err()) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn number(&self, query: &'static str) -> i64 {
        either!(self, pool => sqlx::query_scalar(query).fetch_one(pool).await.unwrap())
    }

    /// How many jobs ran.
    pub(crate) async fn jobs(&self) -> i64 {
        self.number("SELECT count(DISTINCT job) FROM runs").await
    }

    /// How many runs there were beyond the first of each job.
    pub(crate) async fn again(&self) -> i64 {
        self.number("SELECT count(*) - count(DISTINCT job) FROM runs").await
    }

    /// The highest number of an attempt.
    pub(crate) async fn attempts(&self) -> i64 {
        self.number("SELECT COALESCE(max(attempt), 0) FROM runs").await
    }

    /// Waits until so many jobs ran.
    pub(crate) async fn until(&self, jobs: i64) {
        let all = async {
            while self.jobs().await < jobs {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, all).await.is_ok(), "stuck: {} of {jobs} jobs ran", self.jobs().await);
    }

    /// How many jobs of the queue are not done, whichever they are: counted at one moment, so that none is missed on its way
    /// from one state to the next.
    async fn not_done(&self) -> i64 {
        self.number(match self {
            Self::Sqlite(_) => "SELECT count(*) FROM Jobs WHERE status <> 'Done'",
            Self::Postgres(_) => "SELECT count(*) FROM apalis.jobs WHERE status <> 'Done'",
        })
        .await
    }

    /// The jobs of the queue that are not done, as a text.
    async fn undone(&self) -> String {
        match self {
            Self::Sqlite(pool) => {
                const UNDONE: &str = "SELECT group_concat(format('%s %s by %s, run at %s, worker seen %s, %s', Jobs.id, status, lock_by, run_at, last_seen, last_result), x'0a')
                    FROM Jobs LEFT JOIN Workers ON Workers.id = lock_by WHERE status <> 'Done'";
                sqlx::query_scalar(UNDONE).fetch_one(pool).await.unwrap()
            }
            Self::Postgres(pool) => {
                const UNDONE: &str = "SELECT string_agg(format('%s %s by %s, run at %s, worker seen %s, now %s, attempts %s, %s', jobs.id, status, lock_by, run_at, last_seen, now(), attempts, last_result), E'\n')
                    FROM apalis.jobs LEFT JOIN apalis.workers ON workers.id = lock_by WHERE status <> 'Done'";
                sqlx::query_scalar(UNDONE).fetch_one(pool).await.unwrap()
            }
        }
    }

    /// Waits until all jobs are done but those that failed, which are to be so many: nothing waits, and nothing runs.
    pub(crate) async fn until_all_are_done_but(&self, failed: i64) {
        let done = async {
            while self.not_done().await != failed {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, done).await.is_ok(), "stuck: {}", self.undone().await);
    }
}

/// A database of one test's own.
pub(crate) struct Place {
    pub(crate) url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("jobs.db");
        Self { url: format!("sqlite:{}?mode=rwc", file.display()), _folder: Some(folder) }
    }

    /// In the server that `DATABASE_URL` names.
    pub(crate) async fn postgres() -> Option<Self> {
        let server = database_url()?;
        Some(Self::in_server(&server).await)
    }

    pub(crate) async fn in_server(url: &str) -> Self {
        let name = format!("test_{}", ulid::Ulid::generate().to_string().to_lowercase());
        let mut server = PgConnection::connect(url).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut server).await.unwrap();
        let (server, _) = url.rsplit_once('/').unwrap();
        Self { url: format!("{server}/{name}"), _folder: None }
    }
}

pub(crate) async fn sqlite(url: &str) -> Sqlite {
    Sqlite::connect(url.parse().unwrap()).await.unwrap()
}

pub(crate) async fn postgres(url: &str) -> Postgres {
    Postgres::connect(url).await.unwrap()
}

/// `on_each_database! { async fn name(place: Place, store: impl Engine) { .. } .. }`
macro_rules! on_each_database {
    ($(async fn $name:ident($place:ident: $Place:ty, $store:ident: $Store:ty) $body:block)*) => {
        $(async fn $name($place: $Place, $store: $Store) $body)*

        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let place = crate::ledger::Place::sqlite();
                let store = crate::ledger::sqlite(&place.url).await;
                super::$name(place, store).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(place) = crate::ledger::Place::postgres().await {
                    let store = crate::ledger::postgres(&place.url).await;
                    super::$name(place, store).await;
                }
            })*
        }
    };
}
pub(crate) use on_each_database;
