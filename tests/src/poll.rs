//! Futures that a test does not wait for without end.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Polls the future once and drops it, as a server does with a handler whose client goes away.
pub async fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Awaits the future for a day of the paused clock, which passes at once where nothing else is to happen: so a test
/// whose future never ends fails and does not hang.
pub async fn within_a_day<F: Future>(future: F) -> F::Output {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    tokio::time::timeout(DAY, future).await.expect("it ends within a day")
}
