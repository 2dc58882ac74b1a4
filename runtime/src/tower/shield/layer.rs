//! `ShieldLayer`: whose handlers are shielded, for how long, and what is answered in their place.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http::request::Parts;

use super::answer::ByStatus;
use crate::outcome::TaskError;

/// Runs the whole handler of some requests as a task, so that it goes on to its end though the client goes away: for
/// handlers that must not be cut off half-way, such as between a charge and its row.
///
/// Unless told otherwise these are the requests of the unsafe methods, all but `GET`, `HEAD`, `OPTIONS` and `TRACE`
/// (RFC 9110, section 9.2.1). The task is named `request`, belongs to the supervisor in place, is bounded, and is reported as every
/// task is. Unlike other tasks it keeps *all* values of its request's context; of the context's cancellation and deadline
/// it hears nothing. Of a request whose client went away, the request's own context ends as
/// [`Disconnected`](crate::Cause::Disconnected), which the handler can ask its [`origin`](crate::Context::origin) for.
///
/// A request body that the handler has not read yet fails with the client, and so does what is still to be sent of the
/// answer's.
///
/// Put it inside of [`ContextLayer`](crate::tower::ContextLayer) (in axum: before), so that there is a context to keep.
///
/// ```
/// use axum::{Router, routing::post};
/// use detached::tower::{ContextLayer, ShieldLayer};
/// use std::time::Duration;
///
/// # async fn pay() {}
/// # fn app() -> Router {
/// Router::new()
///     .route("/orders", post(pay))
///     .layer(ShieldLayer::new(Duration::from_secs(30)))
///     .layer(ContextLayer::new())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a layer does nothing until it is added"]
pub struct ShieldLayer<A = ByStatus> {
    pub(super) bound: Duration,
    pub(super) place: &'static Location<'static>,
    pub(super) target: &'static str,
    when: Arc<dyn Fn(&Parts) -> bool + Send + Sync>,
    pub(super) answer: A,
}

impl ShieldLayer {
    /// A shield for handlers of unsafe methods. `bound` is the time that a handler may take, from the request's head;
    /// zero rejects all.
    ///
    /// ```
    /// use detached::tower::ShieldLayer;
    /// let layer = ShieldLayer::new(std::time::Duration::from_secs(30));
    /// ```
    #[track_caller]
    pub fn new(bound: Duration) -> Self {
        let when = |parts: &Parts| !parts.method.is_safe();
        Self { bound, place: Location::caller(), target: "detached", when: Arc::new(when), answer: ByStatus }
    }
}

impl<A> ShieldLayer<A> {
    /// The target of the spans and events of the handlers' tasks, which filters select by; `detached` by default. With
    /// `module_path!()` a filter that shows this module shows that a handler panicked or took too long.
    ///
    /// ```
    /// use detached::tower::ShieldLayer;
    /// let layer = ShieldLayer::new(std::time::Duration::from_secs(30)).target(module_path!());
    /// ```
    pub fn target(mut self, target: &'static str) -> Self {
        self.target = target;
        self
    }

    /// Which requests are shielded, by their head.
    ///
    /// ```
    /// use detached::tower::ShieldLayer;
    /// use http::request::Parts;
    ///
    /// let layer = ShieldLayer::new(std::time::Duration::from_secs(30))
    ///     .when(|parts: &Parts| parts.uri.path().starts_with("/payments"));
    /// ```
    pub fn when(mut self, when: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.when = Arc::new(when);
        self
    }

    /// What a client is answered whose handler gave no answer; by default an empty answer, [by status](ByStatus).
    ///
    /// ```
    /// use axum::{body::Body, response::{IntoResponse, Response}};
    /// use detached::{TaskError, tower::ShieldLayer};
    ///
    /// let layer = ShieldLayer::new(std::time::Duration::from_secs(30))
    ///     .answer(|error: &TaskError| -> Response { (http::StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response() });
    /// ```
    pub fn answer<F, B>(self, answer: F) -> ShieldLayer<F>
    where
        F: Fn(&TaskError) -> Response<B> + Clone,
    {
        let Self { bound, place, target, when, answer: _ } = self;
        ShieldLayer { bound, place, target, when, answer }
    }

    pub(super) fn covers(&self, parts: &Parts) -> bool {
        (self.when)(parts)
    }
}

impl<A> fmt::Debug for ShieldLayer<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShieldLayer").field("bound", &self.bound).finish_non_exhaustive()
    }
}
