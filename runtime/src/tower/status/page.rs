//! `StatusPage`: the service that answers with the page.

use std::borrow::Borrow;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context as PollContext, Poll};

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use tower_service::Service;

use super::body::StatusBody;
use super::html;
use super::view::View;
use crate::supervisor::Supervisor;

/// A page to look at, for an operator: the live tasks, the counts of outcomes, the last hundred mishaps with their
/// errors, and whether the supervisor drains.
///
/// It is a service, to be mounted at a path of your choice; it is never on by itself. The page is plain HTML without scripts and refreshes
/// itself. Up to a hundred live tasks are listed one by one, the oldest
/// first; beyond that there are only the sums by function.
///
/// **Who must not reach it**: the page names your functions, their places in the source, the values that tasks inherited
/// (other than [sensitive](crate::Key::sensitive) ones) and the texts of errors. Mount it where only operators come: on a port of its own that is not open to
/// the world, or behind your authentication.
///
/// The mishaps are kept from when the first page of a supervisor is made, in up to a hundred texts.
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

    fn answer(&self, method: &Method) -> Response<StatusBody> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut answer = Response::new(StatusBody::default());
            *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            return answer;
        }
        let view = View::of(&self.supervisor);
        let (kind, text) = ("text/html; charset=utf-8", html::page(&view));
        let mut answer = Response::new(StatusBody::new(text));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }
}

impl<B> Service<Request<B>> for StatusPage {
    type Response = Response<StatusBody>;
    type Error = Infallible;
    type Future = Ready<Result<Response<StatusBody>, Infallible>>;

    fn poll_ready(&mut self, _: &mut PollContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(request.method())))
    }
}
