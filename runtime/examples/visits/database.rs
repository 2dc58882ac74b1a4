//! The visits, in an embedded database file.

use std::path::Path;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};

use crate::user::UserId;

/// A pool of connections. To clone it is to count a reference.
#[derive(Clone)]
pub(crate) struct Db(SqlitePool);

impl Db {
    pub(crate) async fn create(file: &Path) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            // These rows have to outlive a request, not a power cut; a slow disk must not spoil the figures.
            .synchronous(SqliteSynchronous::Off);
        // SQLite has one writer at a time. With one connection the writers queue here, in order, and not in its busy loop.
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::query(
            "CREATE TABLE visits (
                user_id INTEGER NOT NULL,
                page    TEXT    NOT NULL CONSTRAINT page_is_a_path CHECK (page LIKE '/%')
            )",
        )
        .execute(&pool)
        .await?;
        Ok(Self(pool))
    }

    pub(crate) async fn insert_visit(&self, user: UserId, page: &str) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO visits (user_id, page) VALUES (?, ?)")
            .bind(user.0)
            .bind(page)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// How many rows there are, and how many of them have the right user.
    pub(crate) async fn count_visits(&self) -> Result<(usize, usize), sqlx::Error> {
        // Each user opens its own profile, so a row's page tells whose row it has to be.
        let (all, right): (u32, u32) =
            sqlx::query_as("SELECT count(*), count(*) FILTER (WHERE page = '/profile/' || user_id) FROM visits")
                .fetch_one(&self.0)
                .await?;
        Ok((all as usize, right as usize))
    }
}
