//! The books, in an embedded database file.

use std::path::Path;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};

/// A pool of connections. To clone it is to count a reference.
#[derive(Clone)]
pub(crate) struct Db(SqlitePool);

impl Db {
    pub(crate) async fn create(file: &Path) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            // These rows have to outlive a request, not a power cut.
            .synchronous(SqliteSynchronous::Off);
        // SQLite has one writer at a time; with one connection they queue here, in order.
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::query("CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, receipt TEXT NOT NULL)")
            .execute(&pool)
            .await?;
        Ok(Self(pool))
    }

    pub(crate) async fn insert_order(&self, order: u32, user: u32, receipt: &str) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO orders (id, user_id, receipt) VALUES (?, ?, ?)")
            .bind(order)
            .bind(user)
            .bind(receipt)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    pub(crate) async fn count_orders(&self) -> Result<usize, sqlx::Error> {
        let count: u32 = sqlx::query_scalar("SELECT count(*) FROM orders").fetch_one(&self.0).await?;
        Ok(count as usize)
    }

    pub(crate) async fn close(&self) {
        self.0.close().await;
    }
}
