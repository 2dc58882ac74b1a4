//! A handler that is dropped where its client disconnects.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Polls `future` `polls` times and drops it, as a server drops a handler whose client disconnects. Gives the output if
/// it ended before that.
///
/// Each poll but the first comes when the future asks for it, and the last one is followed by the drop at once: so it is
/// dropped at its `polls`th wait, and with 0 before it has begun.
///
/// ```
/// use detached::testing::{TestSupervisor, disconnect_at};
/// # #[detached::background(timeout = "5s")] async fn charge() { tokio::task::yield_now().await }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let test = TestSupervisor::new();
/// let response = test.run(disconnect_at(1, async { charge().await })).await;
/// assert_eq!(response, None); // the handler was cut off where it waited,
/// test.assert_outcomes("charge", [detached::OutcomeKind::Completed]); // and the work was done
/// # }
/// ```
pub async fn disconnect_at<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left > 0 {
            left -= 1;
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
        }
        if left == 0 { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}
