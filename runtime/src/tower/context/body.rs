//! `ContextBody`: the body of an answer, with its request's context in place, whose end is the context's.

use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio_util::bytes::Buf as _;

use super::ending::Ending;
use crate::ambient::Scope;
use crate::context::Cause;

pin_project! {
    /// The body of an answer under a [`ContextLayer`](super::ContextLayer).
    ///
    /// # Cancellation
    ///
    /// When it is dropped before its end, the request's context ends as [`Disconnected`](crate::Cause::Disconnected).
    ///
    /// ```
    /// use detached::tower::ContextBody;
    /// fn is_a_body<B: http_body::Body>(_: &ContextBody<B>) where ContextBody<B>: http_body::Body {}
    /// ```
    #[derive(Debug)]
    pub struct ContextBody<B> {
        // Before the body: what is dropped with it finds out why.
        ending: Ending,
        #[pin]
        body: Scope<B>,
        // The bytes that are still to be sent, where that is known: who sends them asks for no more, and drops the body.
        left: Option<u64>,
    }
}

impl<B: Body> ContextBody<B> {
    pub(super) fn new(body: Scope<B>, ending: Ending, length: Option<u64>) -> Self {
        Self { ending, body, left: length }
    }
}

/// The body of an answer that a layer above gives in the place of the handler's, as a timeout does: no request ends with it.
impl<B: Default> Default for ContextBody<B> {
    fn default() -> Self {
        Self { ending: Ending::over(), body: Scope::of_nothing(B::default()), left: None }
    }
}

impl<B: Body> Body for ContextBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let polled = this.ending.watch(|| this.body.as_mut().poll_frame(cx));
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => this.ending.end(Cause::Completed),
            Poll::Ready(Some(Err(_))) => this.ending.end(Cause::Failed),
            Poll::Ready(Some(Ok(frame))) => {
                let sent = frame.data_ref().map_or(0, |data| data.remaining() as u64);
                *this.left = this.left.map(|left| left.saturating_sub(sent));
                if frame.is_trailers() || *this.left == Some(0) || this.body.is_end_stream() {
                    this.ending.end(Cause::Completed);
                }
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
