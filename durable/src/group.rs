//! Writes that come at the same time go into one transaction: while one is under way, those that come wait for the next.

use std::future::Future;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The writes that wait for the next transaction.
pub(crate) struct Group<T, R> {
    state: Arc<Mutex<State<T, R>>>,
}

struct State<T, R> {
    waiting: Vec<(T, oneshot::Sender<R>)>,
    /// Somebody writes, and will look again.
    is_writing: bool,
}

impl<T, R> Clone for Group<T, R> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state) }
    }
}

impl<T: Send + 'static, R: Send + 'static> Group<T, R> {
    pub(crate) fn new() -> Self {
        Self { state: Arc::new(Mutex::new(State { waiting: Vec::new(), is_writing: false })) }
    }

    /// Hands in a write; `None` when whoever wrote it was cut off, and nobody knows what came of it. `write` writes all that
    /// waits, and gives a result for each. It runs in a task of its own, so that a caller that goes away takes nobody's write
    /// along.
    pub(crate) async fn write<W, F>(&self, item: T, write: W) -> Option<R>
    where
        W: FnMut(Vec<T>) -> F + Send + 'static,
        F: Future<Output = Vec<R>> + Send + 'static,
    {
        let (sender, written) = oneshot::channel();
        let is_first = {
            let mut state = lock(&self.state);
            state.waiting.push((item, sender));
            !mem::replace(&mut state.is_writing, true)
        };
        if is_first {
            tokio::spawn(write_all(Writing(Some(Arc::clone(&self.state))), write));
        }
        written.await.ok()
    }
}

/// Whoever writes. If the runtime ends under it, the next one that hands something in writes.
struct Writing<T, R>(Option<Arc<Mutex<State<T, R>>>>);

impl<T, R> Writing<T, R> {
    /// All that waits; `None` when nothing does, and nobody writes from then on.
    fn take(&mut self) -> Option<Vec<(T, oneshot::Sender<R>)>> {
        let state = self.0.as_ref()?;
        let mut held = lock(state);
        if held.waiting.is_empty() {
            held.is_writing = false;
            drop(held);
            self.0 = None;
            return None;
        }
        Some(mem::take(&mut held.waiting))
    }
}

impl<T, R> Drop for Writing<T, R> {
    fn drop(&mut self) {
        if let Some(state) = &self.0 {
            lock(state).is_writing = false;
        }
    }
}

async fn write_all<T, R, W, F>(mut writing: Writing<T, R>, mut write: W)
where
    W: FnMut(Vec<T>) -> F,
    F: Future<Output = Vec<R>>,
{
    while let Some(waiting) = writing.take() {
        let (items, senders): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
        for (sender, result) in senders.into_iter().zip(write(items).await) {
            // Who does not wait any more is not told.
            let _ = sender.send(result);
        }
    }
}

fn lock<T, R>(state: &Mutex<State<T, R>>) -> MutexGuard<'_, State<T, R>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
