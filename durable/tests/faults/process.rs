//! A worker that is a process: this very program, started again.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use detached::durable::{Call, JobId};
use detached::{Context, Supervisor, background};
use detached_apalis::{Engine, Worker};

use crate::ledger::{self, Ledger};

/// Where a worker's process finds its store.
const URL: &str = "WORKER_URL";

/// Where it finds how often it is to show that it lives, in seconds.
const HEARTBEAT: &str = "WORKER_HEARTBEAT";

fn attempt() -> u32 {
    Context::current().get("attempt").unwrap()
}

#[background(durable = "jobs", timeout = "30s")]
pub(crate) async fn count(job: i64, #[state] ledger: Ledger) {
    ledger.note(job, attempt()).await;
}

/// How long a slow job takes.
pub(crate) const SLOW: Duration = Duration::from_secs(3);

#[background(durable = "jobs", timeout = "30s")]
pub(crate) async fn slow(job: i64, #[state] ledger: Ledger) {
    tokio::time::sleep(SLOW).await;
    ledger.note(job, attempt()).await;
}

#[background(durable = "jobs", timeout = "30s", crashes = 2)]
pub(crate) async fn kill_worker() {
    std::process::abort()
}

/// A process that runs jobs until it is killed; killed when it is dropped.
pub(crate) struct Process(Child);

impl Process {
    /// One of which is found within four seconds that it is dead.
    pub(crate) fn start(url: &str) -> Self {
        Self::start_with(url, "1")
    }

    /// One with the settings that a worker has by default.
    pub(crate) fn start_as_by_default(url: &str) -> Self {
        Self::start_with(url, "")
    }

    fn start_with(url: &str, heartbeat: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["process::worker", "--exact", "--ignored", "--nocapture"]);
        command.env(URL, url).env(HEARTBEAT, heartbeat);
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
    let mut worker = Worker::new(&store).state(ledger);
    if let Some(seconds) = std::env::var(HEARTBEAT).ok().and_then(|seconds| seconds.parse().ok()) {
        worker = worker.liveness(Duration::from_secs(seconds), 3);
    }
    let worker = worker.register::<count>().register::<slow>().register::<kill_worker>();
    worker.run_until(std::future::pending::<()>()).await.unwrap();
}

/// Stores a call, and gives its id.
pub(crate) async fn stored(store: &impl Engine, call: impl FnOnce() -> Call + Send) -> JobId {
    let supervisor = Supervisor::builder().store(store.clone()).build();
    supervisor.scope(async { call().await }).await.unwrap()
}

/// Stores so many jobs, some at a time: more callers would wait longer for a connection than they are let.
pub(crate) async fn store_many(store: &impl Engine, jobs: std::ops::Range<i64>) {
    const AT_ONCE: usize = 20;
    let supervisor = Supervisor::builder().store(store.clone()).build();
    let mut callers = tokio::task::JoinSet::new();
    for first in jobs.clone().take(AT_ONCE) {
        let own = (first..jobs.end).step_by(AT_ONCE);
        callers.spawn(supervisor.scope(async move {
            for job in own {
                count(job).await.unwrap();
            }
        }));
    }
    callers.join_all().await;
}
