//! The ways in which a function is left, and how a plain function and a task are brought there.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::log::Log;

/// How the function is left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    Return,
    Early,
    Question,
    Panic,
    /// Dropped while it waits.
    Dropped,
    /// Dropped before it is polled.
    Unpolled,
}

pub(super) const ENDS: [End; 6] = [End::Return, End::Early, End::Question, End::Panic, End::Dropped, End::Unpolled];

impl End {
    /// Waits forever or panics, if that is the end.
    pub(super) async fn reach(self) -> Option<()> {
        match self {
            Self::Panic => panic!("on purpose"),
            Self::Dropped => std::future::pending().await,
            Self::Question => None,
            _ => Some(()),
        }
    }
}

/// One poll after the other, as a test needs no waker.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Lets a plain future come to its end.
pub(super) fn end_plain<F: Future>(future: F, end: End) {
    let mut future = Box::pin(future);
    if end != End::Unpolled {
        // A future that has panicked has dropped what it held.
        let _ = std::panic::catch_unwind(AssertUnwindSafe(|| poll(future.as_mut()).is_ready()));
    }
}

/// Lets a task come to its end. Nothing is dropped until it runs.
pub(super) async fn end_task<T>(task: detached::Task<T>, end: End, log: &Log) {
    assert_eq!(log.take(), [] as [&str; 0], "in the caller");
    if end == End::Unpolled {
        task.cancel("before its first poll");
    }
    if end == End::Dropped {
        tokio::task::yield_now().await;
        task.cancel("while it waits");
    }
    let _ = task.await;
}
