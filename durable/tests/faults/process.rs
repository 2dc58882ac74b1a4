//! A worker that is a process: this very program, started again.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use detached::durable::{Call, JobId};
use detached::{Context, Supervisor, background};
use detached_apalis::{Engine, Worker};

use crate::ledger::{self, Ledger};

/// Where a worker's process finds its store.
const URL: &str = "WORKER_URL";

/// How often the workers of this suite show that they live: dead ones are found within four seconds.
const HEARTBEAT: Duration = Duration::from_secs(1);

fn attempt() -> u32 {
    Context::current().get("attempt").unwrap()
}

#[background(durable = "jobs", timeout = "30s")]
pub(crate) async fn count(job: i64, #[state] ledger: Ledger) {
    ledger.note(job, attempt()).await;
}

#[background(durable = "jobs", timeout = "30s")]
pub(crate) async fn slow(job: i64, #[state] ledger: Ledger) {
    tokio::time::sleep(Duration::from_secs(3)).await;
    ledger.note(job, attempt()).await;
}

#[background(durable = "jobs", timeout = "30s", crashes = 2)]
pub(crate) async fn kill_worker() {
    std::process::abort()
}

/// A process that runs jobs until it is killed; killed when it is dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(url: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["process::worker", "--exact", "--ignored", "--nocapture"]).env(URL, url);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// As `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub(crate) fn has_died(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// No test: what [`Process::start`] runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a worker's process, started by the tests"]
async fn worker() {
    let Ok(url) = std::env::var(URL) else { return };
    let ledger = Ledger::open(&url).await;
    if url.starts_with("postgres") {
        run(ledger::postgres(&url).await, ledger).await;
    } else {
        run(ledger::sqlite(&url).await, ledger).await;
    }
}

async fn run(store: impl Engine, ledger: Ledger) {
    let worker = Worker::new(&store).state(ledger).liveness(HEARTBEAT, 3);
    let worker = worker.register::<count>().register::<slow>().register::<kill_worker>();
    worker.run_until(std::future::pending::<()>()).await.unwrap();
}

/// Stores a call, and gives its id.
pub(crate) async fn stored(store: &impl Engine, call: impl FnOnce() -> Call + Send) -> JobId {
    let supervisor = Supervisor::builder().store(store.clone()).build();
    supervisor.scope(async { call().await }).await.unwrap()
}

/// Stores so many jobs, many at a time.
pub(crate) async fn store_many(store: &impl Engine, jobs: std::ops::Range<i64>) {
    let supervisor = Supervisor::builder().store(store.clone()).build();
    let mut callers = tokio::task::JoinSet::new();
    for job in jobs {
        callers.spawn(supervisor.scope(async move { count(job).await }));
    }
    for stored in callers.join_all().await {
        stored.unwrap();
    }
}
