//! `ContextService`: a service whose requests have a context.

use std::sync::Arc;
use std::task::{Context as PollContext, Poll};

use http::{Method, Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::body::ContextBody;
use super::future::{ContextFuture, Kind};
use super::layer::ContextLayer;

/// A service whose requests each have a context; made by [`ContextLayer`].
///
/// ```
/// use detached::tower::{ContextLayer, ContextService};
/// use tower_layer::Layer;
///
/// fn with_contexts<S>(service: S) -> ContextService<S> {
///     ContextLayer::new().layer(service)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ContextService<S> {
    inner: S,
    // Shared: a server clones its services for each request.
    layer: Arc<ContextLayer>,
}

impl<S> Layer<S> for ContextLayer {
    type Service = ContextService<S>;

    fn layer(&self, inner: S) -> ContextService<S> {
        ContextService { inner, layer: Arc::new(self.clone()) }
    }
}

impl<S, In, Out> Service<Request<In>> for ContextService<S>
where
    S: Service<Request<In>, Response = Response<Out>>,
    Out: http_body::Body,
{
    type Response = Response<ContextBody<Out>>;
    type Error = S::Error;
    type Future = ContextFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut PollContext<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<In>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let context = self.layer.open(&parts);
        parts.extensions.insert(context.clone());
        let kind = match parts.method {
            Method::HEAD => Kind::Head,
            Method::CONNECT => Kind::Connect,
            _ => Kind::Other,
        };
        // A service may do its work in the call itself, or begin it there.
        ContextFuture::begin(context, kind, || self.inner.call(Request::from_parts(parts, body)))
    }
}
