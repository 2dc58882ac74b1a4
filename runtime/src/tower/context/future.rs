//! `ContextFuture`: a request that is being answered, up to the head of its answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll, ready};

use http::header::CONTENT_LENGTH;
use http::response::Parts;
use http::{Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::ContextBody;
use super::ending::Ending;
use crate::ambient::Scope;
use crate::context::{Cause, Context};

pin_project! {
    /// The future of a [`ContextService`](super::ContextService): a request that is being answered, with its context in
    /// place.
    ///
    /// # Cancellation
    ///
    /// When it is dropped before its answer, the context ends as [`Disconnected`](crate::Cause::Disconnected).
    ///
    /// ```
    /// use detached::tower::ContextFuture;
    /// fn is_a_future<F: Future>(_: &ContextFuture<F>) where ContextFuture<F>: Future {}
    /// # use std::future::Future;
    /// ```
    #[derive(Debug)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct ContextFuture<F> {
        // Before the handler: what is dropped with it finds out why.
        ending: Ending,
        #[pin]
        answering: Scope<F>,
        context: Context,
        kind: Kind,
    }
}

/// What a request's method says of its answer's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has no body, whatever length is told.
    Head,
    /// It may be an upgrade though its status is 200.
    Connect,
    Other,
}

impl<F> ContextFuture<F> {
    pub(super) fn begin(context: Context, kind: Kind, call: impl FnOnce() -> F) -> Self {
        let mut ending = Ending::new(context.clone());
        let answering = ending.watch(|| context.in_scope(call));
        Self { ending, answering: context.scope(answering), context, kind }
    }
}

impl<F, B, E> Future for ContextFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<ContextBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = match ready!(this.ending.watch(|| this.answering.poll(cx))) {
            Ok(answer) => answer,
            Err(error) => {
                this.ending.end(Cause::Failed);
                return Poll::Ready(Err(error));
            }
        };
        let (parts, body) = answer.into_parts();
        let length = length(&parts, &body);
        if is_upgrade(*this.kind, parts.status) {
            this.ending.hand_over();
        } else if ends_with_head(*this.kind, parts.status, length) || body.is_end_stream() {
            this.ending.end(Cause::Completed);
        }
        let ending = std::mem::replace(this.ending, Ending::over());
        let body = ContextBody::new(this.context.scope(body), ending, length);
        Poll::Ready(Ok(Response::from_parts(parts, body)))
    }
}

/// How many bytes the answer has, where its body or its head says so, as hyper asks them.
fn length(parts: &Parts, body: &impl Body) -> Option<u64> {
    let told = || parts.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
    body.size_hint().exact().or_else(told)
}

fn is_upgrade(kind: Kind, status: StatusCode) -> bool {
    status == StatusCode::SWITCHING_PROTOCOLS || (kind == Kind::Connect && status.is_success())
}

/// Whether nothing follows the head (RFC 9110, section 6.4.1): servers drop such a body unasked.
fn ends_with_head(kind: Kind, status: StatusCode, length: Option<u64>) -> bool {
    kind == Kind::Head || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) || length == Some(0)
}
