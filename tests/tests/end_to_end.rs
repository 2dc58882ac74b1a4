//! The main job on real sockets: a client disconnects in the middle of its request, and what the request left to do is
//! done all the same, for the right user.
//!
//! Nothing here waits for a number of milliseconds: the handler says when it runs, the guard of the request says when it
//! is dropped, and only then may the work go on.

use std::collections::BTreeMap;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use detached::{Cause, Context, Supervisor, background};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct UserId(u32);

#[derive(Debug, PartialEq, Eq)]
struct Visit {
    user: UserId,
    page: String,
}

/// Where visits go, once the test opens it.
#[derive(Clone)]
struct Store {
    open: watch::Receiver<bool>,
    visits: mpsc::UnboundedSender<Visit>,
}

impl Store {
    async fn insert(&self, visit: Visit) {
        self.open.clone().wait_for(|open| *open).await.expect("the test holds the other end");
        self.visits.send(visit).expect("the test holds the other end");
    }
}

#[background(timeout = "none", inherit = ["user_id"])]
async fn record_visit(store: &Store, page: &str) {
    let user = Context::current().get("user_id").expect("it is inherited");
    store.insert(Visit { user, page: page.to_owned() }).await;
}

/// What the server shares with the test.
#[derive(Clone)]
struct App {
    store: Store,
    supervisor: Supervisor,
    started: mpsc::UnboundedSender<UserId>,
    ended: mpsc::UnboundedSender<(UserId, Cause)>,
}

/// Answers at once.
async fn quick(State(app): State<App>, page: Uri) -> &'static str {
    record_visit(&app.store, page.path());
    "the page"
}

/// Leaves the work, and then never answers: only the client's disconnect ends it.
async fn stuck(State(app): State<App>, Extension(user): Extension<UserId>, page: Uri) {
    record_visit(&app.store, page.path());
    app.started.send(user).expect("the test holds the other end");
    pending().await
}

async fn open_context(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let user = UserId(request.headers()["x-user-id"].to_str().unwrap().parse().unwrap());
    request.extensions_mut().insert(user);
    let guard = EndOfRequest { user, context: Context::new().with("user_id", user), ended: app.ended };
    let response = app.supervisor.scope(guard.context.scope(next.run(request))).await;
    guard.context.cancel(Cause::Completed);
    response
}

struct EndOfRequest {
    user: UserId,
    context: Context,
    ended: mpsc::UnboundedSender<(UserId, Cause)>,
}

impl Drop for EndOfRequest {
    fn drop(&mut self) {
        self.context.cancel(Cause::Disconnected); // without effect when it was completed: the first cause stays
        let cause = self.context.cause().expect("it was cancelled just now");
        self.ended.send((self.user, cause)).expect("the test holds the other end");
    }
}

/// A server that runs until the test's runtime ends, and the test's ends of its channels.
struct Server {
    address: SocketAddr,
    supervisor: Supervisor,
    open: watch::Sender<bool>,
    visits: mpsc::UnboundedReceiver<Visit>,
    started: mpsc::UnboundedReceiver<UserId>,
    ended: mpsc::UnboundedReceiver<(UserId, Cause)>,
}

impl Server {
    async fn start() -> io::Result<Self> {
        let (open, is_open) = watch::channel(false);
        let (visit, visits) = mpsc::unbounded_channel();
        let (start, started) = mpsc::unbounded_channel();
        let (end, ended) = mpsc::unbounded_channel();
        let supervisor = Supervisor::new();
        let app = App {
            store: Store { open: is_open, visits: visit },
            supervisor: supervisor.clone(),
            started: start,
            ended: end,
        };
        let router = Router::new()
            .route("/quick/{page}", get(quick))
            .route("/stuck/{page}", get(stuck))
            .layer(middleware::from_fn_with_state(app.clone(), open_context))
            .with_state(app);

        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Self { address, supervisor, open, visits, started, ended })
    }

    /// Sends a whole request and leaves the answer to the caller; to drop the stream is to disconnect.
    async fn request(&self, user: UserId, page: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address).await?;
        let head = format!("GET {page} HTTP/1.1\r\nhost: test\r\nx-user-id: {}\r\nconnection: close\r\n\r\n", user.0);
        stream.write_all(head.as_bytes()).await?;
        Ok(stream)
    }
}

#[tokio::test]
async fn a_disconnect_in_the_middle_costs_no_record() -> io::Result<()> {
    let mut server = Server::start().await?;
    let user = UserId(7);

    let client = server.request(user, "/stuck/pricing").await?;
    assert_eq!(server.started.recv().await, Some(user));
    drop(client);
    assert_eq!(server.ended.recv().await, Some((user, Cause::Disconnected)));

    assert!(server.visits.try_recv().is_err(), "the work still waits when the request is gone");
    server.open.send_replace(true);
    server.supervisor.idle().await;
    assert_eq!(server.visits.try_recv(), Ok(Visit { user, page: "/stuck/pricing".into() }));
    assert!(server.visits.try_recv().is_err(), "it was written once");
    Ok(())
}

#[tokio::test]
async fn an_answer_does_not_wait_for_the_record() -> io::Result<()> {
    let mut server = Server::start().await?;
    let user = UserId(8);

    let mut answer = String::new();
    server.request(user, "/quick/pricing").await?.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(server.ended.recv().await, Some((user, Cause::Completed)));

    assert!(server.visits.try_recv().is_err(), "the work still waits when the answer is complete");
    server.open.send_replace(true);
    server.supervisor.idle().await;
    assert_eq!(server.visits.try_recv(), Ok(Visit { user, page: "/quick/pricing".into() }));
    Ok(())
}

/// Many users at once, on several threads: some get their answer, some leave; no record is lost, doubled or another's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_record_has_its_own_user() -> io::Result<()> {
    let mut server = Server::start().await?;
    let users = || (0..40).map(UserId);
    let leaves = |user: UserId| user.0 % 2 == 1;

    let mut leaving = Vec::new();
    let mut staying = Vec::new();
    for user in users() {
        if leaves(user) {
            leaving.push(server.request(user, &format!("/stuck/{}", user.0)).await?);
        } else {
            staying.push(server.request(user, &format!("/quick/{}", user.0)).await?);
        }
    }
    for _ in &leaving {
        server.started.recv().await.expect("the server runs");
    }
    drop(leaving);
    for mut client in staying {
        client.read_to_end(&mut Vec::new()).await?;
    }

    let mut ends = BTreeMap::new();
    for _ in users() {
        let (user, cause) = server.ended.recv().await.expect("the server runs");
        ends.insert(user, cause);
    }
    let expected = |user| {
        if leaves(user) { Cause::Disconnected } else { Cause::Completed }
    };
    assert_eq!(ends, users().map(|user| (user, expected(user))).collect());

    server.open.send_replace(true);
    server.supervisor.idle().await;
    let mut visits: Vec<_> = std::iter::from_fn(|| server.visits.try_recv().ok()).collect();
    visits.sort_by_key(|visit| visit.user);
    let page = |user: UserId| format!("/{}/{}", if leaves(user) { "stuck" } else { "quick" }, user.0);
    assert_eq!(visits, users().map(|user| Visit { user, page: page(user) }).collect::<Vec<_>>());
    Ok(())
}

/// A shutdown in the order that a server needs: stop to listen, then drain. Work that a gone client left is waited for.
#[tokio::test]
async fn a_drain_waits_for_what_a_gone_client_left() -> io::Result<()> {
    let mut server = Server::start().await?;
    let user = UserId(9);

    let client = server.request(user, "/stuck/pricing").await?;
    assert_eq!(server.started.recv().await, Some(user));
    drop(client);
    assert_eq!(server.ended.recv().await, Some((user, Cause::Disconnected)));

    let open = server.open;
    let (report, _) = tokio::join!(
        // The bound is never reached: a drain returns as soon as the supervisor is idle.
        server.supervisor.drain(Duration::from_secs(600)),
        async { open.send_replace(true) },
    );
    assert_eq!(server.visits.try_recv(), Ok(Visit { user, page: "/stuck/pricing".into() }), "{report}");
    Ok(())
}
