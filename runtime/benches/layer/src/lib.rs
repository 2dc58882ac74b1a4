//! A handler, and the layers that `ContextLayer` is measured beside; `benches/` measures them.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context as PollContext, Poll};

use axum::body::Body;
use axum::http::{Request, Response};
use tower_service::Service;

/// Answers at once.
#[derive(Clone)]
pub struct Handler;

impl Service<Request<Body>> for Handler {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut PollContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        ready(Ok(Response::new(Body::from("the prices"))))
    }
}

/// Hands the request on.
pub struct Nothing<S>(pub S);

impl<S: Service<Request<Body>>> Service<Request<Body>> for Nothing<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut PollContext<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.0.call(request)
    }
}

/// Hands the request on with one extension more.
pub struct Extension<S>(pub S);

impl<S: Service<Request<Body>>> Service<Request<Body>> for Extension<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut PollContext<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        request.extensions_mut().insert(7_u64);
        self.0.call(request)
    }
}
