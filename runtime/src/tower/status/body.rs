//! A body of one piece, so that the page needs no body of a framework's.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use http_body::{Body, Frame, SizeHint};
use tokio_util::bytes::Bytes;

/// The body of a [`StatusPage`](super::StatusPage)'s answers: one piece of known length.
///
/// ```
/// use detached::tower::StatusBody;
/// fn is_a_body(body: StatusBody) -> impl http_body::Body { body }
/// ```
#[derive(Clone, Debug, Default)]
pub struct StatusBody(Option<Bytes>);

impl StatusBody {
    pub(super) fn new(text: String) -> Self {
        Self(Some(text.into()).filter(|text: &Bytes| !text.is_empty()))
    }
}

impl Body for StatusBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut PollContext<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|text| Ok(Frame::data(text))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |text| text.len() as u64))
    }
}
