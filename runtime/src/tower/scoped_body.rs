//! A body in a context's scope.

use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use http_body::{Body, Frame, SizeHint};

use crate::ambient::Scope;

/// Each poll of the body, and its drop, is in the scope.
impl<B: Body> Body for Scope<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.poll_with(|body| body.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.inner().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner().size_hint()
    }
}
