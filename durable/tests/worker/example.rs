//! The first example of the documentation, whole: who stores, who stores along with rows of its own, and who runs.

use std::time::Duration;

use detached::durable::{JobId, StoreError, Stored};
use detached::{Context, Key, background};
use detached_apalis::{Sqlite, Worker};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

use crate::functions::Done;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct UserId(u64);

static USER_ID: Key<UserId, Stored> = Key::new("user_id").stored();

#[derive(Clone)]
struct Mailer(Done);

#[derive(Debug)]
struct MailError;

impl std::fmt::Display for MailError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no such address")
    }
}

#[background(durable = "mail", timeout = "30s", attempts = 5)]
async fn send_welcome(to: String, #[inherit(USER_ID)] user: UserId, #[state] mailer: Mailer) -> Result<(), MailError> {
    mailer.0.note(format!("to {to} for {}", user.0));
    if to.is_empty() { Err(MailError) } else { Ok(()) }
}

async fn handler(pool: &SqlitePool, id: u64) -> Result<JobId, StoreError> {
    send_welcome("ann@example.org".into()).await?;
    send_welcome("bob@example.org".into()).key(format!("welcome-{id}")).after(Duration::from_millis(1)).await?;
    let mut tx = pool.begin().await.map_err(StoreError::unavailable)?;
    let stored = send_welcome("cid@example.org".into()).store_in(&mut tx).await?;
    tx.commit().await.map_err(StoreError::unavailable)?;
    Ok(stored)
}

#[tokio::test]
async fn it_stores_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jobs.db");
    let store = Sqlite::open(&file).await.unwrap();
    store.install();
    let pool = SqlitePool::connect(file.to_str().unwrap()).await.unwrap();
    Context::new().with(USER_ID, UserId(7)).scope(handler(&pool, 7)).await.unwrap();

    let done = Done::new();
    let mailer = Mailer(done.clone());
    let (told, all) = tokio::sync::oneshot::channel();
    let signal = async {
        let _ = told.send(done.next(3).await);
    };
    Worker::new(&store).state(mailer).register::<send_welcome>().run_until(signal).await.unwrap();
    assert_eq!(all.await.unwrap(), ["ann", "bob", "cid"].map(|name| format!("to {name}@example.org for 7")));
}
