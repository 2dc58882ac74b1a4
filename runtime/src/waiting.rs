//! Waiting for what is ours, with a waker that is not.
//!
//! tokio's `Notify` and tokio-util's `CancellationToken` wake their waiters one after the other, on the stack of whoever
//! tells them: a waker that panics is his panic, and those after it are never woken, nor can they be told again. So
//! nobody waits for one of ours with a waker of his own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as PollContext, Poll, Wake, Waker};

use pin_project_lite::pin_project;

use crate::panics;

pin_project! {
    /// A future that waits with a waker which contains the panics of the one it is polled with.
    pub(crate) struct Waiting<F> {
        #[pin]
        future: F,
        waker: Option<Arc<ContainedWaker>>,
    }
}

impl<F> Waiting<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future, waker: None }
    }
}

impl<F: Future> Future for Waiting<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        let this = self.project();
        let known = this.waker.take().filter(|known| known.wakes_as(cx.waker()));
        let waker = known.unwrap_or_else(|| Arc::new(ContainedWaker(Some(cx.waker().clone()))));
        let waker = Waker::from(Arc::clone(this.waker.insert(waker)));
        this.future.poll(&mut PollContext::from_waker(&waker))
    }
}

/// A waker whose wake and whose drop let no panic out.
struct ContainedWaker(Option<Waker>);

impl ContainedWaker {
    fn wakes_as(&self, waker: &Waker) -> bool {
        self.0.as_ref().is_some_and(|own| own.will_wake(waker))
    }
}

impl Wake for ContainedWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let _ = panics::catch(|| self.0.as_ref().map(Waker::wake_by_ref));
    }
}

impl Drop for ContainedWaker {
    fn drop(&mut self) {
        panics::drop_contained(self.0.take());
    }
}
