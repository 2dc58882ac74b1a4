//! A store of each test's own, on each database.

use detached_apalis::{Engine, Postgres, Sqlite};
use sqlx::{Connection as _, PgConnection, PgPool, SqlitePool};
use tempfile::TempDir;

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
        let url = std::env::var("DATABASE_URL").expect("asked for by `on_each_database`");
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
                if std::env::var_os("DATABASE_URL").is_some() {
                    super::$name(<crate::stores::OnPostgres as crate::stores::Database>::new().await).await;
                }
            })*
        }
    };
}
pub(crate) use on_each_database;
