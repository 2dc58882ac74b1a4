//! Two thousand requests, half of whose clients leave at a random moment, on a pool of two connections: every call has its
//! row, under the right user, and the pool is as it was.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::post;
use detached::testing::disconnect_at;
use detached::{Supervisor, background};
use detached_tests_requests::rows::{Row, Rows};
use detached_tests_requests::stage::{REQUEST_ID, USER_ID, context_layer};
use futures_util::stream::{self, StreamExt as _};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::yield_now;

const REQUESTS: u64 = 2000;
/// Which are open at once.
const AT_ONCE: usize = 64;
/// Requests that share a connection of HTTP/2.
const SHARED: u64 = 50;

/// No task of this test is to be out of time, on whatever machine.
const LONG: Duration = Duration::from_secs(600);

#[background(timeout = LONG, inherit = [REQUEST_ID, USER_ID])]
async fn record(rows: &Rows, note: &str) -> sqlx::Result<()> {
    rows.write_in_steps(Row::new(&REQUEST_ID.get(), USER_ID.get(), note)).await
}

/// Ends with its handler, in the middle of its transaction if need be.
#[background(timeout = LONG, inherit = [REQUEST_ID, USER_ID])]
async fn record_unless_dropped(rows: &Rows) -> sqlx::Result<()> {
    rows.write_in_steps(Row::new(&REQUEST_ID.get(), USER_ID.get(), MAY_BE_LOST)).await
}

const MAY_BE_LOST: &str = "dropped or not";

#[derive(Clone)]
struct Shop {
    rows: Rows,
    called: Arc<Mutex<BTreeSet<Row>>>,
}

impl Shop {
    fn record(&self, note: &str) {
        let row = Row::new(&REQUEST_ID.get(), USER_ID.get(), note);
        self.called.lock().unwrap_or_else(PoisonError::into_inner).insert(row);
        record(&self.rows, note);
    }
}

async fn order(State(shop): State<Shop>) -> Body {
    shop.record("came");
    let _dropped_with_this = record_unless_dropped(&shop.rows).abort_on_drop();
    shop.rows.read_in_steps().await.expect("the database is there");
    shop.record("answered");
    Body::from_stream(stream::unfold((shop, 0), |(shop, piece)| async move {
        yield_now().await;
        if piece == 3 {
            shop.record("sent");
            return None;
        }
        Some((Ok::<_, std::io::Error>("piece "), (shop, piece + 1)))
    }))
}

fn user_of(request: u64) -> u64 {
    request * 7 + 1
}

fn request(uri: String, number: u64) -> Request<Empty<Bytes>> {
    let request = Request::post(uri).header("host", "localhost").header("x-request-id", number.to_string());
    request.header("x-user", user_of(number).to_string()).body(Empty::new()).unwrap()
}

/// When a client leaves: at a wait of its own, whichever that is, and at the latest with some of the answer not yet read.
#[derive(Clone, Copy)]
struct Patience {
    polls: usize,
    pieces: usize,
}

impl Patience {
    const ENDLESS: Self = Self { polls: usize::MAX, pieces: usize::MAX };

    fn random(random: &mut fastrand::Rng) -> Self {
        Self { polls: random.usize(1..12), pieces: random.usize(0..3) }
    }

    /// The answer, or as much of it as the client has the patience for.
    async fn read(self, mut answer: Response<Incoming>) -> String {
        let mut read = String::new();
        let mut left = self.pieces;
        while let Some(more) = left.checked_sub(1) {
            let Some(frame) = answer.frame().await else { break };
            read.push_str(std::str::from_utf8(frame.unwrap().data_ref().unwrap()).unwrap());
            left = more;
        }
        read
    }
}

/// On a connection of its own, which is closed when this is dropped or ends.
async fn ask_over_http1(address: SocketAddr, number: u64, patience: Patience) -> String {
    let socket = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
    let request = request("/orders".to_owned(), number);
    let mut read = pin!(async { patience.read(sender.send_request(request).await.unwrap()).await });
    tokio::select! {
        read = &mut read => read,
        ended = connection => panic!("the connection ended first: {ended:?}"),
    }
}

/// On a connection that many share; its stream is reset when this is dropped.
async fn ask_over_http2(
    address: SocketAddr,
    number: u64,
    patience: Patience,
    mut sender: http2::SendRequest<Empty<Bytes>>,
) -> String {
    sender.ready().await.unwrap();
    let request = request(format!("http://{address}/orders"), number);
    patience.read(sender.send_request(request).await.unwrap()).await
}

async fn connect_http2(address: SocketAddr) -> http2::SendRequest<Empty<Bytes>> {
    let socket = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Asks all, every second one by a client that leaves.
async fn ask_all(address: SocketAddr) {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut shared = None;
    let mut asked = Vec::new();
    for number in 0..REQUESTS {
        if number % SHARED == 0 {
            shared = Some(connect_http2(address).await);
        }
        let stays = number % 2 == 0;
        let patience = if stays { Patience::ENDLESS } else { Patience::random(&mut random) };
        let sender = shared.clone().filter(|_| number % 4 < 2);
        asked.push(async move {
            let read = match sender {
                None => disconnect_at(patience.polls, ask_over_http1(address, number, patience)).await,
                Some(sender) => disconnect_at(patience.polls, ask_over_http2(address, number, patience, sender)).await,
            };
            assert_eq!(read.as_deref() == Some("piece piece piece "), stays, "{read:?}");
        });
    }
    stream::iter(asked).buffer_unordered(AT_ONCE).collect().await
}

async fn nothing_is_lost(rows: Rows) {
    let shop = Shop { rows: rows.clone(), called: Arc::default() };
    let called = Arc::clone(&shop.called);
    let supervisor = Supervisor::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serve = |stopping| {
        let app = Router::new().route("/orders", post(order)).with_state(shop).layer(context_layer());
        axum::serve(listener, app).with_graceful_shutdown(stopping).into_future()
    };
    let signal = async { drop(stopped.await) };
    let ((), (served, report)) = tokio::join!(
        async {
            ask_all(address).await;
            stop.send(()).unwrap();
        },
        supervisor.serve_until(signal, LONG, serve),
    );
    assert!(served.expect("it ends by itself").is_ok());
    assert!(report.is_clean(), "{report}");

    let called = std::mem::take(&mut *called.lock().unwrap());
    let (may_be_lost, written): (BTreeSet<_>, BTreeSet<_>) =
        rows.all().await.into_iter().partition(|row| row.note == MAY_BE_LOST);
    assert_eq!(written, called, "a row for each call, and no other");
    for row in written.iter().chain(&may_be_lost) {
        assert_eq!(row.user, i64::try_from(user_of(row.request.parse().unwrap())).unwrap(), "{row:?}");
    }
    for number in (0..REQUESTS).step_by(2) {
        for note in ["came", "answered", "sent"] {
            let row = Row::new(&number.to_string(), i64::try_from(user_of(number)).unwrap(), note);
            assert!(written.contains(&row), "{row:?}");
        }
    }
    let counts = supervisor.counts();
    assert_eq!(counts.function("record").completed, written.len() as u64);
    assert!(counts.function("record_unless_dropped").completed <= may_be_lost.len() as u64);
    assert!(counts.function("record_unless_dropped").cancelled > 0, "{counts:?}");
    rows.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_sqlite() {
    nothing_is_lost(Rows::in_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_postgres() {
    if let Some(rows) = Rows::in_postgres().await {
        nothing_is_lost(rows).await;
    }
}
