//! `ShieldFuture`: the answer of a handler, which may run as a task.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll, ready};

use http::Response;
use pin_project_lite::pin_project;

use super::answer::Answer;
use crate::task::Task;

pin_project! {
    /// The future of a [`ShieldService`](super::ShieldService): the handler's answer, or the one in its place.
    ///
    /// # Cancellation
    ///
    /// When it is dropped, a shielded handler goes on.
    ///
    /// ```
    /// use detached::tower::ShieldFuture;
    /// fn is_a_future<F: Future, B, E, A>(_: &ShieldFuture<F, B, E, A>) where ShieldFuture<F, B, E, A>: Future {}
    /// # use std::future::Future;
    /// ```
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ShieldFuture<F, B, E, A> {
        #[pin]
        state: State<F, B, E, A>,
    }
}

pin_project! {
    #[project = StatePinned]
    enum State<F, B, E, A> {
        Plain { #[pin] answering: F },
        Shielded { task: Task<Result<Response<B>, E>>, answer: A },
    }
}

impl<F, B, E, A> ShieldFuture<F, B, E, A> {
    pub(super) fn plain(answering: F) -> Self {
        Self { state: State::Plain { answering } }
    }

    pub(super) fn shielded(task: Task<Result<Response<B>, E>>, answer: A) -> Self {
        Self { state: State::Shielded { task, answer } }
    }
}

impl<F, B, E, A> Future for ShieldFuture<F, B, E, A>
where
    F: Future<Output = Result<Response<B>, E>>,
    A: Answer<B>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StatePinned::Plain { answering } => answering.poll(cx),
            StatePinned::Shielded { task, answer } => Poll::Ready(match ready!(Pin::new(task).poll(cx)) {
                Ok(answered) => answered,
                Err(error) => Ok(answer.answer(&error)),
            }),
        }
    }
}
