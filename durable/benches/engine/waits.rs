//! How long a single job waits between being stored and being run: one every two milliseconds, for a worker that is not told.

use std::time::{Duration, Instant};

use detached::{Supervisor, background};
use detached_apalis::{Engine, Worker};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const JOBS: u32 = 1_000;

/// Where a job says how long it waited.
#[derive(Clone)]
struct Waited(Instant, UnboundedSender<Duration>);

#[background(durable = "waits", timeout = "30s")]
async fn wait(stored_at: Duration, #[state] waited: Waited) {
    let _ = waited.1.send(waited.0.elapsed().saturating_sub(stored_at));
}

pub(crate) async fn report(what: &str, store: &impl Engine) {
    let (sender, mut waits) = unbounded_channel();
    let start = Instant::now();
    let worker = Worker::new(store).state(Waited(start, sender)).register::<wait>();
    let supervisor = Supervisor::builder().store(store.clone()).build();
    let jobs = supervisor.scope(async {
        let mut clock = tokio::time::interval(Duration::from_millis(2));
        for _ in 0..JOBS {
            clock.tick().await;
            wait(start.elapsed()).await.unwrap();
        }
    });
    let mut waited = Vec::new();
    let all = async {
        jobs.await;
        while waited.len() < JOBS as usize {
            waited.extend(waits.recv().await);
        }
    };
    worker.run_until(all).await.unwrap();
    waited.sort();
    let at = |part: usize| waited[waited.len() * part / 100];
    let what = format!("{what}, single jobs wait");
    println!("{what:>40} p50 {:?}, p99 {:?}, at most {:?}", at(50), at(99), waited[waited.len() - 1]);
}
