//! The functions that the workers run.

use std::future::Future;
use std::sync::Arc;

use detached::durable::{Call, JobId};
use detached::{Context, Supervisor, background};
use detached_apalis::Engine;
use tokio::sync::{Mutex, Semaphore, mpsc};

/// What the functions did, for the test to wait for.
#[derive(Clone)]
pub(crate) struct Done(mpsc::UnboundedSender<String>, Arc<Mutex<mpsc::UnboundedReceiver<String>>>);

impl Done {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self(sender, Arc::new(Mutex::new(receiver)))
    }

    pub(crate) fn note(&self, what: impl Into<String>) {
        let _ = self.0.send(what.into());
    }

    /// The next so many, sorted.
    pub(crate) async fn next(&self, count: usize) -> Vec<String> {
        let mut receiver = self.1.lock().await;
        let mut next = Vec::new();
        while next.len() < count {
            next.push(receiver.recv().await.unwrap());
        }
        next.sort();
        next
    }

    pub(crate) fn is_silent(&self) -> bool {
        self.1.try_lock().unwrap().is_empty()
    }
}

fn attempt() -> u32 {
    Context::current().get("attempt").unwrap()
}

#[background(durable = "mail", timeout = "30s")]
pub(crate) async fn send(to: String, #[state] done: Done) {
    done.note(to);
}

#[background(durable = "mail", timeout = "30s", attempts = 3, backoff = "0s")]
pub(crate) async fn fail(times: u32, #[state] done: Done) -> Result<(), String> {
    done.note(format!("attempt {}", attempt()));
    if attempt() <= times { Err(format!("not the attempt {}\0", attempt())) } else { Ok(()) }
}

#[background(durable = "mail", timeout = "30s", backoff = "1h")]
pub(crate) async fn fail_for_an_hour(#[state] done: Done) -> Result<(), &'static str> {
    done.note("failed");
    Err("as told")
}

#[background(durable = "mail", timeout = "30s", attempts = 2, backoff = "0s")]
pub(crate) async fn explode(#[state] done: Done) {
    done.note(format!("attempt {}", attempt()));
    panic!("as it is to");
}

/// Lets bodies end, one for each permit.
#[derive(Clone)]
pub(crate) struct Gate(pub(crate) Arc<Semaphore>);

#[background(durable = "mail", timeout = "30s")]
pub(crate) async fn wait(name: String, #[state] gate: Gate, #[state] done: Done) {
    done.note(format!("{name} begins"));
    gate.0.acquire().await.unwrap().forget();
    done.note(format!("{name} ends"));
}

#[background(durable = "other", timeout = "30s")]
pub(crate) async fn nest(to: String, #[state] done: Done) {
    // Stored where the worker's jobs are.
    send(to).await.unwrap();
    done.note("nested");
}

/// Stores a call, and gives its id.
pub(crate) async fn stored(store: &impl Engine, call: impl FnOnce() -> Call + Send) -> JobId {
    let supervisor = Supervisor::builder().store(store.clone()).build();
    supervisor.scope(async { call().await }).await.unwrap()
}

/// As long as `run` does, beside a worker.
pub(crate) async fn beside<T>(worker: impl Future, run: impl Future<Output = T>) -> T {
    tokio::select! {
        _ = worker => panic!("the worker ended"),
        given = run => given,
    }
}
