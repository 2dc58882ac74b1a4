//! `Supervisor::serve_until`: a server and its supervisor, ended together in the right order.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use tokio::time::{timeout, timeout_at};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::now::now;
use crate::supervisor::{DrainReport, Supervisor};
use crate::waiting::Waiting;

/// How long a shutdown may take, and how it begins; for [`Supervisor::serve_until`]. A [`Duration`] is one.
///
/// ```
/// use detached::Grace;
/// use std::time::Duration;
///
/// let grace = Grace::new(Duration::from_secs(30)).pause(Duration::from_secs(5));
/// assert_eq!(Grace::from(Duration::from_secs(30)), Grace::new(Duration::from_secs(30)));
/// # drop(grace);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grace {
    whole: Duration,
    pause: Duration,
}

impl Grace {
    /// So long from the signal until all that is left is cut; no pause.
    ///
    /// ```
    /// let grace = detached::Grace::new(std::time::Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn new(whole: Duration) -> Self {
        Self { whole, pause: Duration::ZERO }
    }

    /// The time between the signal and the closing of the listener, in which a readiness probe that asks
    /// [`Supervisor::is_draining`] already says no: until a load balancer has seen it, requests still come. Part of the
    /// whole; zero by default.
    ///
    /// ```
    /// use std::time::Duration;
    /// let grace = detached::Grace::new(Duration::from_secs(30)).pause(Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn pause(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }
}

impl From<Duration> for Grace {
    fn from(whole: Duration) -> Self {
        Self::new(whole)
    }
}

/// Ready when the server is to stop accepting connections; given by [`Supervisor::serve_until`] to what starts it.
///
/// It is what `axum::serve(..).with_graceful_shutdown(..)` and tonic's `serve_with_shutdown(.., ..)` take.
///
/// ```
/// fn is_what_axum_wants(stopping: detached::Stopping) -> impl Future<Output = ()> + Send + 'static { stopping }
/// ```
#[must_use = "a server that is not told when to stop is cut at the end of the grace"]
pub struct Stopping(Pin<Box<Waiting<WaitForCancellationFutureOwned>>>);

impl fmt::Debug for Stopping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopping").finish_non_exhaustive()
    }
}

impl Future for Stopping {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl Supervisor {
    /// Serves until the signal, and then ends server and tasks in good order, within one grace: the whole shutdown, for
    /// the end of `main`.
    ///
    /// At the signal
    ///
    /// 1. the residents (`shutdown = "cancel"`) are cancelled, every other task is told
    ///    ([`Context::draining`](crate::Context::draining)), and so is every request and who asks
    ///    [`is_draining`](Self::is_draining); calls are still admitted;
    /// 2. after the [pause](Grace::pause) the [`Stopping`] is ready: the server closes its listener and lets open requests end;
    /// 3. when the server has ended, or the grace is over, admission is closed and the supervisor is [drained](Self::drain)
    ///    for what is left of the grace.
    ///
    /// Gives what the server gave, `None` when it was cut at the end of the grace, and the drain's report. A server that ends by
    /// itself, before any signal, is drained at once, with the whole grace. Residents are not restarted, neither here nor elsewhere.
    ///
    /// A handler that streams without end, such as SSE, keeps a server open until the grace is over: it should end when
    /// [`draining`](Self::draining) says so. An upgraded connection, such as a websocket, is no more the server's, which does not
    /// wait for it: make it a task, by a background function that takes the connection, and the drain waits.
    ///
    /// `serve` is called, and its future runs, in this supervisor's [scope](Self::scope): a
    /// `ContextLayer` (feature `tower`) made there knows it.
    ///
    /// # Cancellation
    ///
    /// When the future is dropped the server is cut; tasks go on. If that was after the signal, the residents are
    /// cancelled and `is_draining` stays true.
    ///
    /// A server that is cut, here or at the end of the grace, is dropped. What it has spawned, as axum and tonic spawn their
    /// connections, has its `Stopping` ready, and goes on until it ends or tokio's runtime does.
    ///
    /// # Panics
    ///
    /// When the tokio runtime has no time driver, or with the panic of `serve` or its future.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use detached::{Grace, Supervisor};
    /// use std::time::Duration;
    ///
    /// # #[detached::background(timeout = "5s")] async fn record_visit() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let app = Router::new().route("/", get(|| async { drop(record_visit()) }));
    /// # let terminated = async {};
    ///
    /// // with the feature `signal`, the first argument is `detached::terminated()`
    /// let (served, report) = Supervisor::global()
    ///     .serve_until(terminated, Grace::new(Duration::from_secs(30)), |stopping| {
    ///         axum::serve(listener, app).with_graceful_shutdown(stopping).into_future()
    ///     })
    ///     .await;
    /// println!("{report}");
    /// served.unwrap_or(Ok(()))
    /// # }
    /// ```
    pub async fn serve_until<F: Future>(
        &self,
        signal: impl Future<Output = ()> + Send,
        grace: impl Into<Grace>,
        serve: impl FnOnce(Stopping) -> F,
    ) -> (Option<F::Output>, DrainReport) {
        let Grace { whole, pause } = grace.into();
        let stop = CancellationToken::new();
        let stopping = Stopping(Box::pin(Waiting::new(stop.clone().cancelled_owned())));
        // However this ends, dropped included: what the server has spawned hears of it.
        let stop = stop.drop_guard();
        let mut serving = Box::pin(self.scope(self.in_scope(|| serve(stopping))));

        let mut served = unless(signal, serving.as_mut()).await;
        let end = now().checked_add(whole);
        if served.is_none() {
            self.announce();
            served = timeout(pause.min(whole), serving.as_mut()).await.ok();
        }
        drop(stop);
        if served.is_none() {
            served = match end {
                Some(end) => timeout_at(end, serving.as_mut()).await.ok(),
                None => Some(serving.as_mut().await),
            };
        }
        // Gone before the drain: tasks may wait for what it holds, and what its drop calls is still admitted.
        drop(serving);
        let left = end.map_or(whole, |end| end.saturating_duration_since(now()));
        (served, self.drain(left).await)
    }
}

/// What `future` gives, unless `signal` comes first.
async fn unless<T>(signal: impl Future<Output = ()>, mut future: impl Future<Output = T> + Unpin) -> Option<T> {
    let mut signal = pin!(signal);
    std::future::poll_fn(|cx| {
        // The server first: one that ended by itself is told as such, though the signal came too.
        if let Poll::Ready(output) = Pin::new(&mut future).poll(cx) {
            return Poll::Ready(Some(output));
        }
        signal.as_mut().poll(cx).map(|()| None)
    })
    .await
}

/// Ready at the first SIGTERM or Ctrl-C of the process; where there is no SIGTERM, at Ctrl-C alone. For
/// [`Supervisor::serve_until`].
///
/// From its first poll on, these signals no longer end the process by themselves, as tokio's documentation of `signal` says; another one
/// after the first is not heard.
///
/// # Panics
///
/// When the tokio runtime has no I/O driver (`enable_io`).
///
/// ```no_run
/// # #[tokio::main] async fn main() {
/// detached::terminated().await;
/// # }
/// ```
#[cfg(feature = "signal")]
pub async fn terminated() {
    // A signal that cannot be listened to never comes.
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                let terminated = async {
                    terminate.recv().await;
                };
                unless(terminated, Box::pin(interrupted)).await;
            }
            Err(_) => interrupted.await,
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}
