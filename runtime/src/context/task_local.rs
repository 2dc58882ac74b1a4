//! A `tokio::task_local!` as a carrier.

use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context as PollContext, Poll, Waker};

use tokio::task::LocalKey;
use tokio::task::futures::TaskLocalFuture;

use super::capture::Capture;
use super::inherit::Inherit;
use super::value::ValueError;

/// Carries a `tokio::task_local!`: the task finds in it what the caller had, and keeps what it changes there. tokio
/// gives it no name, so it is not shown.
impl<T: Clone + Send + 'static> Inherit for LocalKey<T> {
    /// Empty while the value is in its place.
    type Captured = Option<T>;

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<Option<T>>, ValueError> {
        Ok(self.try_with(T::clone).ok().map(Some))
    }

    fn enter<R>(&'static self, captured: &Option<T>, run: impl FnOnce() -> R) -> R {
        match captured {
            Some(value) => self.sync_scope(value.clone(), run),
            None => run(),
        }
    }

    /// As tokio's own `scope`, for one poll. That is the one that gives its value back.
    fn around<R>(&'static self, captured: &mut Option<T>, run: impl FnOnce() -> R) -> R {
        let Some(value) = captured.take() else { return run() };
        let mut run = Some(run);
        let step = poll_fn(|_| run.take().map_or(Poll::Pending, |run| Poll::Ready(run())));
        let mut scope = TakesBack { scope: pin!(self.scope(value, step)), captured };
        match scope.scope.as_mut().poll(&mut PollContext::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => unreachable!("it is ready with its first poll"),
        }
    }
}

/// Takes the value out of the scope again, after a panic too.
struct TakesBack<'a, T: 'static, F> {
    scope: Pin<&'a mut TaskLocalFuture<T, F>>,
    captured: &'a mut Option<T>,
}

impl<T, F> Drop for TakesBack<'_, T, F> {
    fn drop(&mut self) {
        *self.captured = self.scope.as_mut().take_value();
    }
}
