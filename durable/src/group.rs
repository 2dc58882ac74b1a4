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

/// Whoever writes. If the runtime ends under it, or `write` panics, those that wait are told so, and the next one that hands
/// something in writes.
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
            let mut held = lock(state);
            held.is_writing = false;
            let cut_off = mem::take(&mut held.waiting);
            // They are woken as they are dropped, and may come again at once.
            drop(held);
            drop(cut_off);
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

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn what_comes_at_the_same_time_is_written_together() {
        let group = Group::new();
        let write = |items: Vec<u32>| async move { items.iter().map(|_| items.clone()).collect() };
        let written = tokio::join!(group.write(1, write), group.write(2, write), group.write(3, write));
        assert_eq!(written, (Some(vec![1, 2, 3]), Some(vec![1, 2, 3]), Some(vec![1, 2, 3])));
    }

    #[tokio::test]
    async fn a_writer_that_is_cut_off_leaves_nobody_waiting() {
        let group = Group::new();
        let gate = Arc::new((Notify::new(), Notify::new()));
        let (begins, ends) = &*gate;
        let cut_off = {
            let gate = Arc::clone(&gate);
            move |_| {
                let gate = Arc::clone(&gate);
                async move {
                    gate.0.notify_one();
                    gate.1.notified().await;
                    panic!("as it is to")
                }
            }
        };
        let second = async {
            begins.notified().await;
            let waits = async { ends.notify_one() };
            tokio::join!(group.write(2, ready), waits).0
        };
        assert_eq!(tokio::join!(group.write(1, cut_off), second), (None, None));
        assert_eq!(group.write(3, ready).await, Some(3));
    }
}
