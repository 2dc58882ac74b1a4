//! A server and its supervisor, ended together: each step, on the paused clock.

use std::convert::Infallible;
use std::future::{Future, pending, ready};
use std::pin::{Pin, pin};
use std::task::{Context as PollContext, Poll};
use std::time::Duration;

use axum::body::Body;
use detached::tower::ContextLayer;
use detached::{Cause, Context, Grace, Reason, Stopping, Supervisor, TaskError, background};
use http::{Request, Response};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tower::{Layer as _, ServiceExt as _, service_fn};

const GRACE: Duration = Duration::from_secs(30);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[background(timeout = "none")]
async fn work(time: Duration) {
    sleep(time).await;
}

#[background(timeout = "none", grace = "5s")]
async fn stubborn() {
    pending().await
}

#[background(timeout = "none", shutdown = "cancel")]
async fn reside() {
    pending().await
}

#[background(timeout = "none")]
async fn hear() {
    Context::current().draining().await;
}

const CUT: Result<(), TaskError> = Err(TaskError::Cancelled(Cause::Shutdown));

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_by_itself_is_drained_at_once_and_has_the_whole_grace() {
    for time in [secs(0), secs(20), secs(29)] {
        let (supervisor, start) = (Supervisor::new(), Instant::now());
        let serve = |_| async move {
            sleep(secs(100)).await;
            work(time);
            7
        };
        let (served, report) = supervisor.serve_until(pending(), GRACE, serve).await;
        assert_eq!((served, report.completed.len(), report.is_clean()), (Some(7), 1, true));
        assert_eq!(start.elapsed(), secs(100) + time);
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_ends_at_once_the_servers_counts() {
    let (served, _) = Supervisor::new().serve_until(ready(()), GRACE, |_| ready(7)).await;
    assert_eq!(served, Some(7));
    let (served, _) = Supervisor::new().serve_until(sleep(secs(1)), GRACE, |_| sleep(secs(1))).await;
    assert_eq!(served, Some(()));
}

#[tokio::test(start_paused = true)]
async fn in_the_pause_all_is_as_before_but_everyone_is_told() {
    let (supervisor, start) = (Supervisor::new(), Instant::now());
    let serve = |stopping: Stopping| async move {
        let (supervisor, request, task) = (Supervisor::current(), Context::new(), hear());
        assert!(!supervisor.is_draining() && !request.is_draining());
        request.draining().await;
        task.await.unwrap();
        assert!(supervisor.is_draining() && request.is_draining());
        assert_eq!(start.elapsed(), secs(60), "told at the signal");
        work(secs(1)).await.expect("admitted in the pause");
        stopping.await;
        assert_eq!(start.elapsed(), secs(60 + 5), "the listener is closed after the pause");
        work(secs(1)).await.expect("admitted while requests are open");
    };
    let (served, report) = supervisor.serve_until(sleep(secs(60)), Grace::new(GRACE).pause(secs(5)), serve).await;
    assert_eq!((served, report.completed.len(), report.is_clean()), (Some(()), 3, true));
    assert_eq!(start.elapsed(), secs(60 + 5 + 1), "no longer than needed");
}

#[tokio::test(start_paused = true)]
async fn without_a_pause_the_listener_is_closed_at_the_signal() {
    let (supervisor, start) = (Supervisor::new(), Instant::now());
    let (served, _) = supervisor.serve_until(sleep(secs(60)), GRACE, |stopping| stopping).await;
    assert_eq!((served, start.elapsed()), (Some(()), secs(60)));
}

#[tokio::test(start_paused = true)]
async fn residents_end_at_the_signal_those_called_later_too() {
    let (supervisor, start) = (Supervisor::new(), Instant::now());
    let serve = |stopping: Stopping| async move {
        let early = reside();
        assert_eq!((early.await, start.elapsed()), (CUT, secs(60)));
        assert_eq!((reside().await, start.elapsed()), (CUT, secs(60)));
        stopping.await;
        assert_eq!((reside().await, start.elapsed()), (CUT, secs(60 + 5)));
    };
    let (served, report) = supervisor.serve_until(sleep(secs(60)), Grace::new(GRACE).pause(secs(5)), serve).await;
    assert_eq!((served, report.residents.len(), report.is_clean()), (Some(()), 3, true));
    assert_eq!(start.elapsed(), secs(60 + 5));
}

#[tokio::test(start_paused = true)]
async fn admission_is_closed_when_the_server_has_ended_and_not_before() {
    let (supervisor, start) = (Supervisor::new(), Instant::now());
    let stray = tokio::spawn(supervisor.scope(async {
        sleep(secs(9)).await;
        let early = work(secs(0)).await;
        sleep(secs(2)).await;
        (early, work(secs(0)).await)
    }));
    let serve = |stopping: Stopping| async move {
        work(secs(20));
        stopping.await;
        sleep(secs(10)).await;
    };
    let (served, report) = supervisor.serve_until(ready(()), GRACE, serve).await;
    assert_eq!(stray.await.unwrap(), (Ok(()), Err(TaskError::Rejected(Reason::Draining))));
    assert_eq!((served, report.completed.len(), report.lost().rejected.len()), (Some(()), 2, 1));
    assert_eq!(start.elapsed(), secs(20));
}

#[tokio::test(start_paused = true)]
async fn what_the_server_left_of_the_grace_is_the_tasks() {
    let (supervisor, start) = (Supervisor::new(), Instant::now());
    let serve = |stopping: Stopping| async move {
        drop((work(secs(29)), work(secs(31)), stubborn()));
        stopping.await;
        sleep(secs(10)).await;
    };
    let (served, report) = supervisor.serve_until(ready(()), Grace::new(GRACE).pause(secs(5)), serve).await;
    let names = |list: &[detached::Drained]| list.iter().map(|task| task.name).collect::<Vec<_>>();
    assert_eq!((served, report.completed.len()), (Some(()), 1));
    assert_eq!(names(&report.lost().cancelled), ["work", "stubborn"]);
    assert_eq!(start.elapsed(), GRACE + secs(5), "a task's own grace comes after");
}

/// Calls where it is dropped.
struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        drop(work(secs(0)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_end_is_cut_when_the_grace_is_over() {
    let (supervisor, start) = (Supervisor::new(), Instant::now());
    let serve = |stopping: Stopping| async move {
        let _farewell = Farewell;
        work(secs(40));
        stopping.await;
        pending::<()>().await;
    };
    let (served, report) = supervisor.serve_until(sleep(secs(5)), GRACE, serve).await;
    assert_eq!(served, None);
    let lost = report.lost();
    assert_eq!((lost.cancelled.len(), lost.rejected.len()), (2, 0), "what its drop calls is admitted, and named");
    assert_eq!(start.elapsed(), secs(5) + GRACE);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_in_the_pause_is_drained_at_once() {
    let (supervisor, start) = (Supervisor::new(), Instant::now());
    let serve = |_| async {
        work(secs(8));
        sleep(secs(7)).await;
    };
    let (served, report) = supervisor.serve_until(sleep(secs(5)), Grace::new(GRACE).pause(secs(20)), serve).await;
    assert_eq!((served, report.completed.len(), start.elapsed()), (Some(()), 1, secs(8)));
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_part_of_the_grace() {
    for pause in [GRACE, secs(60), Duration::MAX] {
        let (supervisor, start) = (Supervisor::new(), Instant::now());
        let (served, _) = supervisor.serve_until(ready(()), Grace::new(GRACE).pause(pause), |stopping| stopping).await;
        assert_eq!((served, start.elapsed()), (Some(()), GRACE), "the server hears of it all the same");

        let start = Instant::now();
        let serve = |_| pending::<()>();
        let (served, _) = Supervisor::new().serve_until(ready(()), Grace::new(GRACE).pause(pause), serve).await;
        assert_eq!((served, start.elapsed()), (None, GRACE));
    }
}

#[tokio::test(start_paused = true)]
async fn no_grace_cuts_at_the_signal_and_an_endless_one_never() {
    let (supervisor, start) = (Supervisor::new(), Instant::now());
    let (served, report) =
        supervisor.serve_until(sleep(secs(1)), Duration::ZERO, |_| async { work(GRACE).await }).await;
    assert_eq!((served, report.cancelled.len(), start.elapsed()), (None, 1, secs(1)));

    let (supervisor, start) = (Supervisor::new(), Instant::now());
    let serve = |stopping: Stopping| async {
        stopping.await;
        sleep(secs(1_000_000)).await;
        work(secs(1_000_000));
    };
    let (served, report) = supervisor.serve_until(sleep(secs(1)), Duration::MAX, serve).await;
    assert_eq!((served, report.completed.len(), start.elapsed()), (Some(()), 1, secs(2_000_001)));
}

/// A server that has ended, and still holds what feeds a task.
struct Ended(#[expect(dead_code)] mpsc::Sender<()>);

impl Future for Ended {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut PollContext<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

#[background(timeout = "none")]
async fn feed_on(mut receiver: mpsc::Receiver<()>) {
    receiver.recv().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_is_gone_before_its_tasks_are_waited_for() {
    let ended = |_| {
        let (sender, receiver) = mpsc::channel(1);
        feed_on(receiver);
        Ended(sender)
    };
    let start = Instant::now();
    assert!(Supervisor::new().serve_until(pending(), GRACE, ended).await.1.is_clean());
    assert!(Supervisor::new().serve_until(ready(()), GRACE, ended).await.1.is_clean());
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// Polls the future once, and drops it.
async fn begin_and_drop<F: Future>(future: F) {
    let mut future = pin!(future);
    assert!(std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await);
}

#[tokio::test(start_paused = true)]
async fn dropped_before_the_signal_it_cuts_the_server_and_no_task() {
    let supervisor = Supervisor::new();
    let serve = |_| async {
        let _farewell = Farewell;
        drop((reside(), work(secs(1))));
        pending::<()>().await;
    };
    begin_and_drop(supervisor.serve_until(pending(), GRACE, serve)).await;
    assert!(!supervisor.is_draining());
    assert_eq!(supervisor.counts().live(), 3, "with the farewell");
    supervisor.idle().await;
    assert_eq!((supervisor.counts().completed, supervisor.counts().live()), (2, 1), "the resident goes on");
}

#[tokio::test(start_paused = true)]
async fn dropped_after_the_signal_it_leaves_the_supervisor_told_and_open() {
    let supervisor = Supervisor::new();
    let serve = |_| async {
        drop((reside(), work(secs(1))));
        pending::<()>().await;
    };
    begin_and_drop(supervisor.serve_until(ready(()), GRACE, serve)).await;
    assert!(supervisor.is_draining());
    supervisor.in_scope(|| work(secs(0))).await.expect("calls are still admitted");
    let report = supervisor.drain(GRACE).await;
    assert_eq!((report.residents.len(), report.completed.len(), report.is_clean()), (1, 2, true));
}

#[tokio::test(start_paused = true)]
async fn who_is_to_stop_hears_it_however_it_came() {
    let hears = |supervisor: Supervisor, dropped: bool, ended: bool| async move {
        let (sender, mut stoppings) = mpsc::unbounded_channel();
        let serve = |stopping: Stopping| {
            let spawned = tokio::spawn(stopping);
            sender.send(spawned).unwrap();
            async move {
                if !ended {
                    pending::<()>().await;
                }
            }
        };
        if dropped {
            begin_and_drop(supervisor.serve_until(pending(), GRACE, serve)).await;
        } else {
            supervisor.serve_until(ready(()), GRACE, serve).await;
        }
        stoppings.recv().await.unwrap().await.unwrap();
    };
    hears(Supervisor::new(), true, false).await;
    hears(Supervisor::new(), false, true).await;
    hears(Supervisor::new(), false, false).await;
}

#[tokio::test(start_paused = true)]
async fn the_server_is_made_and_run_in_the_supervisors_scope() {
    let supervisor = Supervisor::new();
    let serve = |_| {
        work(secs(0));
        let requests = ContextLayer::new().layer(service_fn(|_: Request<Body>| async {
            work(secs(0));
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }));
        async {
            work(secs(0));
            // A server's connections are tasks of tokio, where no scope is.
            tokio::spawn(requests.oneshot(Request::new(Body::empty()))).await.unwrap().unwrap();
        }
    };
    let (served, _) = supervisor.serve_until(pending(), GRACE, serve).await;
    assert_eq!((served, supervisor.counts().completed), (Some(()), 3));
}

#[tokio::test(start_paused = true)]
async fn it_can_be_spawned_and_the_global_supervisor_can_serve() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let serve = |stopping| axum::serve(listener, axum::Router::new()).with_graceful_shutdown(stopping).into_future();
    let serving = tokio::spawn(async move { Supervisor::global().serve_until(sleep(secs(1)), GRACE, serve).await });
    let (served, report) = serving.await.unwrap();
    assert!(served.unwrap().is_ok() && report.is_clean());
    assert!(Supervisor::global().is_draining());
}
