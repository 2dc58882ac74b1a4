//! `ShieldService`: a service whose handlers run as tasks.

use std::fmt::Display;
use std::mem;
use std::task::{Context as PollContext, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::answer::Answer;
use super::everything::EVERYTHING;
use super::future::ShieldFuture;
use super::layer::ShieldLayer;
use crate::context::Context;
use crate::task::TaskBuilder;

/// A service whose handlers run as tasks; made by [`ShieldLayer`].
///
/// ```
/// use detached::tower::{ShieldLayer, ShieldService};
/// use tower_layer::Layer;
///
/// fn shielded<S>(service: S) -> ShieldService<S> {
///     ShieldLayer::new(std::time::Duration::from_secs(30)).layer(service)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ShieldService<S, A = super::ByStatus> {
    inner: S,
    layer: ShieldLayer<A>,
}

impl<S, A: Clone> Layer<S> for ShieldLayer<A> {
    type Service = ShieldService<S, A>;

    fn layer(&self, inner: S) -> ShieldService<S, A> {
        ShieldService::new(inner, self.clone())
    }
}

impl<S, A> ShieldService<S, A> {
    pub(super) fn new(inner: S, layer: ShieldLayer<A>) -> Self {
        Self { inner, layer }
    }
}

impl<S, A, In, Out> Service<Request<In>> for ShieldService<S, A>
where
    S: Service<Request<In>, Response = Response<Out>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Display + Send + 'static,
    A: Answer<Out>,
    In: Send + 'static,
    Out: Send + 'static,
{
    type Response = Response<Out>;
    type Error = S::Error;
    type Future = ShieldFuture<S::Future, Out, S::Error, A>;

    fn poll_ready(&mut self, cx: &mut PollContext<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<In>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        if !self.layer.covers(&parts) {
            return ShieldFuture::plain(self.inner.call(Request::from_parts(parts, body)));
        }
        // The one that is ready goes into the task.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        // Whoever asks the request for its context is to find the one that lasts, and the other is to go with its request.
        parts.extensions.remove::<Context>();
        let handler = async move {
            parts.extensions.insert(Context::current());
            inner.call(Request::from_parts(parts, body)).await
        };
        let ShieldLayer { bound, place, target, .. } = self.layer;
        let task = TaskBuilder::at("request", place).target(target).timeout(bound).inherit(&EVERYTHING).spawn(handler);
        ShieldFuture::shielded(task, self.layer.answer.clone())
    }
}
