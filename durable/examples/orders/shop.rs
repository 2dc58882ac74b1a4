//! The shop's database: orders, and the mails that were sent.

use std::process::Child;
use std::sync::{Arc, Mutex};

use detached::durable::StoreError;
use detached_apalis::{Postgres, Sqlite};
use sqlx::{PgPool, SqlitePool};

/// The shop; clones are handles to it.
#[derive(Clone)]
pub(crate) struct Shop {
    url: Arc<str>,
    pub(crate) database: Database,
    /// The worker that is left; it ends with the shop.
    worker: Arc<Mutex<Option<Worker>>>,
}

/// One's own rows, and the store of the calls beside them.
#[derive(Clone)]
pub(crate) enum Database {
    Sqlite(SqlitePool, Sqlite),
    Postgres(PgPool, Postgres),
}

struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The same for the pool of either database.
macro_rules! either {
    ($shop:expr, $pool:ident => $run:expr) => {
        match &$shop.database {
            $crate::shop::Database::Sqlite($pool, _) => $run,
            $crate::shop::Database::Postgres($pool, _) => $run,
        }
    };
}

impl Shop {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        let database = if url.starts_with("postgres") {
            let pool = PgPool::connect(url).await.map_err(StoreError::unavailable)?;
            Database::Postgres(pool.clone(), Postgres::in_pool(pool).await?)
        } else {
            let store = Sqlite::connect(url.parse().map_err(StoreError::unavailable)?).await?;
            let pool = SqlitePool::connect(url).await.map_err(StoreError::unavailable)?;
            Database::Sqlite(pool, store)
        };
        Ok(Self { url: url.into(), database, worker: Arc::default() })
    }

    /// Makes the tables anew.
    pub(crate) async fn clear(&self) -> Result<(), sqlx::Error> {
        for statement in [
            "DROP TABLE IF EXISTS orders",
            "DROP TABLE IF EXISTS mails",
            "CREATE TABLE orders (id BIGINT PRIMARY KEY, customer TEXT NOT NULL)",
            "CREATE TABLE mails (order_id BIGINT NOT NULL, customer TEXT NOT NULL)",
        ] {
            either!(self, pool => sqlx::query(statement).execute(pool).await.map(drop)?);
        }
        Ok(())
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.database {
            Database::Sqlite(..) => "SQLite",
            Database::Postgres(..) => "PostgreSQL",
        }
    }

    pub(crate) fn leave_to(&self, worker: Child) {
        *self.worker.lock().unwrap() = Some(Worker(worker));
    }

    pub(crate) async fn number(&self, query: &'static str) -> Result<i64, sqlx::Error> {
        either!(self, pool => sqlx::query_scalar(query).fetch_one(pool).await)
    }

    /// How many orders have their mail.
    pub(crate) async fn sent(&self) -> Result<i64, sqlx::Error> {
        self.number("SELECT count(DISTINCT order_id) FROM mails").await
    }
}

pub(crate) use either;
