//! What a client is answered whose handler did not answer.

use http::{Response, StatusCode};

use crate::outcome::TaskError;

/// What a client is answered whose shielded handler gave no answer. A function of a [`TaskError`] is one, and
/// [`ByStatus`], the default.
///
/// ```
/// use detached::{TaskError, tower::Answer};
/// use http::Response;
///
/// fn sorry(error: &TaskError) -> Response<String> {
///     Response::new(format!("we could not do it: {error}"))
/// }
/// assert_eq!(sorry.answer(&TaskError::TimedOut).body(), "we could not do it: the task timed out");
/// ```
pub trait Answer<B>: Clone {
    /// The answer to a request whose handler ended with `error`.
    ///
    /// ```
    /// use detached::{TaskError, tower::{Answer, ByStatus}};
    /// let answer: http::Response<String> = ByStatus.answer(&TaskError::TimedOut);
    /// assert_eq!(answer.status(), 504);
    /// ```
    fn answer(&self, error: &TaskError) -> Response<B>;
}

/// An empty answer with a status: 503 where the handler was rejected or cancelled, 504 where it timed out, 500 where it
/// panicked.
///
/// ```
/// use detached::{TaskError, tower::{Answer, ByStatus}};
/// let answer: http::Response<String> = ByStatus.answer(&TaskError::Panicked);
/// assert_eq!(answer.status(), 500);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ByStatus;

impl<B: Default> Answer<B> for ByStatus {
    fn answer(&self, error: &TaskError) -> Response<B> {
        let mut answer = Response::new(B::default());
        *answer.status_mut() = match error {
            TaskError::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            TaskError::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
            TaskError::Cancelled(_) | TaskError::Rejected(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        answer
    }
}

impl<F, B> Answer<B> for F
where
    F: Fn(&TaskError) -> Response<B> + Clone,
{
    fn answer(&self, error: &TaskError) -> Response<B> {
        self(error)
    }
}
