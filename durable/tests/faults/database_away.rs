//! PostgreSQL goes away, as with its machine, and comes back.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use detached::Supervisor;
use detached::durable::StoreError;
use detached_apalis::{Jobs, State};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

use crate::database_url::database_url;
use crate::ledger::{Ledger, PATIENCE, Place, postgres};
use crate::process::{Process, count, store_many, stored};

/// A server of the test's own; `None`, with a word about it, where there is no PostgreSQL.
struct Server {
    folder: tempfile::TempDir,
    url: String,
}

impl Server {
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = postgres_script("start", folder.path())?;
        Some(Self { folder, url })
    }

    fn stop(&self) {
        postgres_script("stop", self.folder.path()).unwrap();
    }

    fn start_again(&self) {
        postgres_script("start", self.folder.path()).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        postgres_script("stop", self.folder.path());
    }
}

/// `.ci/postgres`, and what it prints.
fn postgres_script(verb: &str, folder: &Path) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.ci/postgres");
    let output = Command::new(script).arg(verb).arg(folder.join("cluster")).output().unwrap();
    if !output.status.success() {
        // Past the test harness, which shows nothing of a test that passes.
        let _ = std::io::stderr().write_all(&output.stderr);
        return None;
    }
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[tokio::test]
async fn all_is_run_once_it_is_back() {
    if database_url().is_none() {
        return;
    }
    let Some(server) = Server::start() else { return };
    let place = Place::in_server(&server.url).await;
    let store = postgres(&place.url).await;
    let ledger = Ledger::open(&place.url).await;
    let worker = Process::start(&place.url);
    store_many(&store, 0..2_000).await;
    ledger.until(100).await;

    server.stop();
    let supervisor = Supervisor::builder().store(store.clone()).build();
    let error = supervisor.scope(async { count(-1).await }).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    tokio::time::sleep(Duration::from_secs(12)).await;
    server.start_again();

    store_many(&store, 2_000..2_100).await;
    ledger.until(2_100).await;
    ledger.until_all_are_done_but(0).await;
    drop(worker);
}

#[tokio::test]
async fn what_was_done_before_is_done_afterwards() {
    if database_url().is_none() {
        return;
    }
    let Some(server) = Server::start() else { return };
    // What nobody waits for is written long after.
    let mut connection = PgConnection::connect(&server.url).await.unwrap();
    for statement in ["ALTER SYSTEM SET wal_writer_delay = '10s'", "SELECT pg_reload_conf()"] {
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }
    let place = Place::in_server(&server.url).await;
    let store = postgres(&place.url).await;
    let ledger = Ledger::open(&place.url).await;
    let _worker = Process::start_as_by_default(&place.url);
    stored(&store, || count(1)).await;
    let jobs = Jobs::of(&store);
    let done = async {
        while jobs.list(State::Done).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, done).await.expect("stuck");

    server.stop();
    server.start_again();
    assert_eq!(
        jobs.list(State::Done).await.unwrap().len(),
        1,
        "else it is held by a worker that lives and has done it"
    );
    assert_eq!(ledger.again().await, 0);
}
