//! `ContextLayer`: what each request's context holds, and whose it is.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use http::HeaderName;
use http::request::Parts;

use crate::context::{Context, SetsValue};
use crate::supervisor::Supervisor;

type Fill = dyn Fn(Context, &Parts) -> Context + Send + Sync;

/// Opens a [`Context`] for each request and puts it around the handler and the body of the answer.
///
/// The context is in place while the handler's future and the answer's body are polled and while they are dropped, so
/// [`Context::current`] finds it there, and what is called there inherits from it; it is in the request's extensions too. It ends once, for a
/// reason that its tasks can ask their [`origin`](Context::origin) for:
///
/// | request | cause, and when |
/// |---|---|
/// | answered in full | [`Completed`](crate::Cause::Completed), with the end of the body |
/// | answered without a body: an empty one, `HEAD`, 204, 304 | `Completed`, with the head |
/// | an answer of known length | `Completed`, with its last byte: hyper drops such a body there |
/// | the client is gone before the end, or a layer above answers in its place | [`Disconnected`](crate::Cause::Disconnected), then |
/// | the handler panics, the service or the body gives an error | [`Failed`](crate::Cause::Failed), then |
/// | an upgrade: 101, or an accepted `CONNECT` | not ended: whoever took the context along holds it |
///
/// The end comes before the drop: what is dropped with its handler or its body finds the cause in
/// [`Context::current`]. What counts as sent is what the server took from the body: bytes that are still in its buffers, or in the
/// network's, are nobody's to wait for here. That a client is gone is seen by the server: over HTTP/1.1, hyper's also takes one for
/// gone that closes its half of the connection. With `half_close(true)` it reads on, and who is gone is found out by writing to it.
///
/// An upgraded connection runs outside of the request: take [`Context::current`] along, and use
/// [`scope`](Context::scope) there.
///
/// Put it outside of (in axum: after) every layer that is to see the context, and inside of the one that knows the user.
///
/// ```
/// use axum::{Router, routing::get};
/// use detached::{Context, Key, tower::ContextLayer};
///
/// static REQUEST_ID: Key<String> = Key::new("request_id");
///
/// # fn app() -> Router {
/// Router::new()
///     .route("/", get(|| async { Context::current().names().join(" ") }))
///     .layer(ContextLayer::new().header("x-request-id", REQUEST_ID))
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "a layer does nothing until it is added"]
pub struct ContextLayer {
    fills: Vec<Arc<Fill>>,
    supervisor: Option<Supervisor>,
}

impl ContextLayer {
    /// A layer whose contexts are empty.
    ///
    /// Made in a supervisor's scope, its contexts know that supervisor; see [`supervisor`](Self::supervisor).
    ///
    /// ```
    /// let layer = detached::tower::ContextLayer::new();
    /// ```
    pub fn new() -> Self {
        Self { fills: Vec::new(), supervisor: Supervisor::try_current() }
    }

    /// What a request's context is to hold: `fill` is given the new context and the request's head, and gives the context
    /// back, with its values, a deadline, or as a child of another one. Several are called in the order in which they were
    /// added, [`header`](Self::header) included.
    ///
    /// # Panics
    ///
    /// A panic of `fill` is one of the service: the server answers as it does to a panic of the handler.
    ///
    /// ```
    /// use detached::{Context, tower::ContextLayer};
    /// use http::request::Parts;
    /// use std::time::Duration;
    ///
    /// let layer = ContextLayer::new().fill(|context: Context, parts: &Parts| {
    ///     context.with("path", parts.uri.path().to_owned()).with_timeout(Duration::from_secs(30))
    /// });
    /// ```
    pub fn fill<F>(mut self, fill: F) -> Self
    where
        F: Fn(Context, &Parts) -> Context + Clone + Send + Sync + 'static,
    {
        self.fills.push(Arc::new(fill));
        self
    }

    /// Reads a header into a key. A header that is absent, is no text, or does not parse, sets nothing.
    ///
    /// A client can send any header: take a user's id from one only where a proxy of yours sets it.
    ///
    /// # Panics
    ///
    /// When `name` is no name of a header.
    ///
    /// ```
    /// use detached::{Key, tower::ContextLayer};
    ///
    /// static TENANT: Key<u64> = Key::new("tenant");
    ///
    /// let layer = ContextLayer::new().header("x-tenant", TENANT);
    /// ```
    #[track_caller]
    pub fn header<T>(self, name: &'static str, key: impl SetsValue<T> + Send + Sync + 'static) -> Self
    where
        T: FromStr + Clone + Send + Sync + 'static,
    {
        let Ok(name) = HeaderName::try_from(name) else { panic!("`{name}` is no name of a header") };
        self.fill(move |context, parts| {
            let value = parts.headers.get(&name).and_then(|value| value.to_str().ok()?.trim().parse().ok());
            match value {
                Some(value) => context.with(key, value),
                None => context,
            }
        })
    }

    /// The supervisor that the contexts know: calls made in a request belong to it.
    ///
    /// Without it, that is the one in whose scope the layer was made, else the one in whose scope the request is served.
    ///
    /// ```
    /// use detached::{Supervisor, tower::ContextLayer};
    /// let supervisor = Supervisor::new();
    /// let layer = ContextLayer::new().supervisor(&supervisor);
    /// ```
    pub fn supervisor(mut self, supervisor: impl Borrow<Supervisor>) -> Self {
        self.supervisor = Some(supervisor.borrow().clone());
        self
    }

    /// The context of a request.
    pub(super) fn open(&self, parts: &Parts) -> Context {
        let context = match &self.supervisor {
            Some(supervisor) => supervisor.in_scope(Context::new),
            None => Context::new(),
        };
        self.fills.iter().fold(context, |context, fill| fill(context, parts))
    }
}

impl fmt::Debug for ContextLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextLayer").field("fills", &self.fills.len()).field("supervisor", &self.supervisor).finish()
    }
}
