//! The functions that the workers run.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use detached::durable::{Backoff, Call, JobId};
use detached::{Context, Supervisor};
use detached_apalis::Engine;
use tokio::sync::{Mutex, Semaphore, mpsc};

use crate::by_hand::by_hand;

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

by_hand! { "mail", [],
    async fn send(to: String; done: Done) -> () {
        done.note(to);
    }
}

const NO_PAUSE: Backoff = Backoff::new(Duration::ZERO, Duration::ZERO);

by_hand! { "mail", [.pause(NO_PAUSE).attempts_at_most(3)],
    async fn fail(times: u32; done: Done) -> Result<(), String> {
        done.note(format!("attempt {}", attempt()));
        if attempt() <= times { Err(format!("not the attempt {}\0", attempt())) } else { Ok(()) }
    }
}

by_hand! { "mail", [.pause(NO_PAUSE).attempts_at_most(2)],
    async fn explode(; done: Done) -> () {
        done.note(format!("attempt {}", attempt()));
        panic!("as it is to");
    }
}

/// Lets bodies end, one for each permit.
#[derive(Clone)]
pub(crate) struct Gate(pub(crate) Arc<Semaphore>);

by_hand! { "mail", [],
    async fn wait(name: String; gate: Gate, done: Done) -> () {
        done.note(format!("{name} begins"));
        gate.0.acquire().await.unwrap().forget();
        done.note(format!("{name} ends"));
    }
}

by_hand! { "other", [],
    async fn nest(to: String; done: Done) -> () {
        // Stored where the worker's jobs are.
        send(to).await.unwrap();
        done.note("nested");
    }
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
