//! `StatusPage`: the service that answers with the page.

use std::borrow::Borrow;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context as PollContext, Poll};

use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use tower_service::Service;

use super::body::StatusBody;
use super::html;
use super::view::View;
use crate::supervisor::Supervisor;

/// A page to look at, for an operator: the live tasks, the counts of outcomes, the last hundred mishaps with their
/// errors, and whether the supervisor drains.
///
/// It is a service, to be mounted at a path of your choice; it is never on by itself. The page is plain HTML without scripts,
/// readable on a phone, light or dark as the reader has it, and refreshes itself. Up to a hundred live tasks are listed one by one, the
/// oldest first; beyond that there are only the sums by function.
///
/// With the feature `serde`, who asks for it (`Accept: application/json`) gets the same as JSON: `draining`, `live`, `functions`,
/// `tasks`, `mishaps` and `counts`, with times in milliseconds.
///
/// **Who must not reach it**: anybody but operators. The page names your functions, their places in the source, the values that tasks
/// inherited (other than [sensitive](crate::Key::sensitive) ones) and the texts of errors, and it costs a look at each live task. Mount
/// it on a port of its own that is not open to the world, or behind your authentication.
///
/// The mishaps are kept from when the first page of a supervisor is made: so make it when the program starts. They are up to a
/// hundred, as texts; a supervisor without a page keeps none.
///
/// ```
/// use axum::Router;
/// use detached::{Supervisor, tower::StatusPage};
///
/// # fn app() -> Router {
/// Router::new().route_service("/internal/tasks", StatusPage::new(Supervisor::global()))
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StatusPage {
    supervisor: Supervisor,
}

impl StatusPage {
    /// A page of that supervisor.
    ///
    /// ```
    /// use detached::{Supervisor, tower::StatusPage};
    /// let page = StatusPage::new(Supervisor::new());
    /// ```
    #[must_use]
    pub fn new(supervisor: impl Borrow<Supervisor>) -> Self {
        let supervisor = supervisor.borrow().clone();
        supervisor.mishaps().keep();
        Self { supervisor }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<StatusBody> {
        let mut answer = match *request.method() {
            Method::GET => self.page(request.headers()),
            // With the headers of the page that it is not to have. Not every server takes the body away.
            Method::HEAD => self.page(request.headers()).map(|_| StatusBody::default()),
            _ => not_allowed(),
        };
        for (name, value) in HEADERS {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        answer
    }

    fn page(&self, wanted: &HeaderMap) -> Response<StatusBody> {
        let (kind, text) = draw(&View::of(&self.supervisor), wanted);
        let mut page = Response::new(StatusBody::default());
        page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        page.headers_mut().insert(CONTENT_LENGTH, text.len().into());
        page.map(|_| StatusBody::new(text))
    }
}

fn not_allowed() -> Response<StatusBody> {
    let mut answer = Response::new(StatusBody::default());
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    answer
}

/// What every answer has: nobody is to keep it or to show it in a page of his own, and nothing in it is to run.
const HEADERS: [(HeaderName, &str); 5] = [
    (CACHE_CONTROL, "no-store"),
    (VARY, "accept"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
];

#[cfg(feature = "serde")]
fn draw(view: &View, wanted: &HeaderMap) -> (&'static str, String) {
    if super::accept::wants_json(wanted) {
        return ("application/json", super::json::document(view));
    }
    ("text/html; charset=utf-8", html::page(view))
}

#[cfg(not(feature = "serde"))]
fn draw(view: &View, _: &HeaderMap) -> (&'static str, String) {
    ("text/html; charset=utf-8", html::page(view))
}

impl<B> Service<Request<B>> for StatusPage {
    type Response = Response<StatusBody>;
    type Error = Infallible;
    type Future = Ready<Result<Response<StatusBody>, Infallible>>;

    fn poll_ready(&mut self, _: &mut PollContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(&request)))
    }
}
