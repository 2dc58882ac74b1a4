//! A service that is told to end by a real signal, with all sorts of requests open: a process of its own, and its clients here.

use std::convert::Infallible;
use std::env;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ws::{Message, WebSocket};
use axum::extract::{State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use detached::tower::ShieldLayer;
use detached::{Context, Supervisor, background, terminated};
use detached_tests_requests::lines::{Lines, head};
use detached_tests_requests::rows::{Row, Rows};
use detached_tests_requests::stage::{REQUEST_ID, USER_ID, context_layer};
use futures_util::{Stream, StreamExt as _, stream};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStderr, Command};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

const URL: &str = "OVER_SOCKETS_ROWS";
const GRACE: &str = "OVER_SOCKETS_GRACE_MS";

// -- the service --

#[background(timeout = "60s", inherit = [REQUEST_ID, USER_ID])]
async fn record(rows: &Rows, note: &str) -> sqlx::Result<()> {
    rows.write_in_steps(Row::new(&REQUEST_ID.get(), USER_ID.get(), note)).await
}

/// What no shutdown can wait for.
#[background(timeout = "none")]
async fn stuck() {
    std::future::pending().await
}

async fn order(State(rows): State<Rows>, body: String) -> StatusCode {
    record(&rows, &body);
    StatusCode::ACCEPTED
}

async fn pay(State(rows): State<Rows>, body: String) -> StatusCode {
    rows.write_in_steps(Row::new(&REQUEST_ID.get(), USER_ID.get(), body)).await.unwrap();
    StatusCode::CREATED
}

/// Says hello and, when the end is near, goodbye; and has both written down.
async fn events(State(rows): State<Rows>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream::unfold((rows, 0), |(rows, step)| async move {
        let said = match step {
            0 => "hello",
            1 => {
                Context::current().draining().await;
                "goodbye"
            }
            _ => return None,
        };
        record(&rows, said);
        Some((Ok(Event::default().data(said)), (rows, step + 1)))
    }))
}

async fn endless() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let hello = stream::iter([Ok(Event::default().data("hello"))]);
    Sse::new(hello.chain(stream::pending()))
}

async fn websocket(State(rows): State<Rows>, upgrade: WebSocketUpgrade) -> Response {
    let context = Context::current();
    upgrade.on_upgrade(move |socket| async move { context.in_scope(|| drop(chat(socket, &rows))) })
}

/// A connection that no server waits for is a task: the drain does.
#[background(timeout = "none", inherit = [REQUEST_ID, USER_ID])]
async fn chat(mut socket: WebSocket, rows: &Rows) -> Result<(), axum::Error> {
    socket.send(Message::text("hello")).await?;
    Context::current().draining().await;
    socket.send(Message::text("goodbye")).await?;
    socket.send(Message::Close(None)).await?;
    while let Some(Ok(_)) = socket.recv().await {}
    record(rows, "goodbye");
    Ok(())
}

async fn be_stuck(_: String) -> StatusCode {
    stuck();
    StatusCode::ACCEPTED
}

fn app(rows: Rows) -> Router {
    Router::new()
        .route("/orders", post(order))
        .route("/payments", post(pay).layer(ShieldLayer::new(Duration::from_secs(60))))
        .route("/events", get(events))
        .route("/endless", get(endless))
        .route("/chat", get(websocket))
        .route("/stuck", post(be_stuck))
        .with_state(rows)
        .layer(context_layer())
}

/// Serves in a process of its own, if this is one; says how it ended on stderr, which no test harness writes to.
async fn serve() -> bool {
    let (Ok(url), Ok(grace)) = (env::var(URL), env::var(GRACE)) else { return false };
    let rows = Rows::at(&url, "visits".to_owned()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let grace = Duration::from_millis(grace.parse().unwrap());
    let told = OnceLock::new();
    let signal = async {
        terminated().await;
        told.set(Instant::now()).unwrap();
    };
    let (served, report) = Supervisor::new()
        .serve_until(signal, grace, |stopping| {
            let app = app(rows);
            eprintln!("at {address}");
            axum::serve(listener, app).with_graceful_shutdown(stopping).into_future()
        })
        .await;
    let took = told.get().expect("it was told").elapsed();
    eprintln!("served {}, {} the grace", served.is_some(), if took < grace { "before" } else { "after" });
    let lost = report.lost();
    for cut in lost.cancelled.iter().chain(&lost.abandoned) {
        eprintln!("cut {}", cut.name);
    }
    eprintln!("rejected {}", lost.rejected.len());
    true
}

// -- its clients --

struct Service {
    process: Child,
    said: BufReader<ChildStderr>,
    address: SocketAddr,
    url: String,
    _folder: TempDir,
}

impl Service {
    /// Runs the test of that name once more, in a process that serves.
    async fn start(test: &str, grace: Duration) -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}/rows.db?mode=rwc", folder.path().display());
        let mut process = Command::new(env::current_exe().unwrap())
            .args([&format!("terminated::{test}"), "--exact", "--nocapture"])
            .envs([(URL, &url), (GRACE, &grace.as_millis().to_string())])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).await.unwrap();
        let address = line.trim().strip_prefix("at ").unwrap_or_else(|| panic!("{line}")).parse().unwrap();
        Self { process, said, address, url, _folder: folder }
    }

    fn signal(&self, signal: &str) {
        let kill = format!("kill -s {signal} {}", self.process.id().expect("it runs"));
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits until it has ended; gives what it said of its end, and the rows it leaves.
    async fn ended(mut self) -> (Vec<String>, Vec<Row>) {
        let mut lines = self.said.lines();
        let mut said = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            said.push(line);
        }
        let status = self.process.wait().await.unwrap();
        assert!(status.success(), "{status}: {said:#?}");
        (said, Rows::at(&self.url, "visits".to_owned()).await.all().await)
    }

    /// A post whose handler waits for the rest of its body.
    async fn begin_post(&self, path: &str, request: &str) -> Lines {
        let mut client = Lines::connect(self.address).await;
        let expects = "expect: 100-continue\r\ncontent-length: 4\r\ncontent-type: text/plain\r\n\r\n";
        client.send(&(head("POST", path, 7, request) + expects)).await;
        client.read_to("HTTP/1.1 100 Continue").await;
        client.read_to("").await;
        client.send("do").await;
        client
    }

    async fn post(&self, path: &str, request: &str) {
        let mut client = self.begin_post(path, request).await;
        client.send("ne").await;
        assert_eq!(client.answer().await.0, "202 Accepted");
    }

    async fn listen(&self, path: &str, request: &str) -> Lines {
        let mut client = Lines::connect(self.address).await;
        client.send(&(head("GET", path, 7, request) + "\r\n")).await;
        client.read_to("data: hello").await;
        client
    }

    async fn chat(&self, request: &str) -> WebSocketStream<TcpStream> {
        let mut upgrade = format!("ws://{}/chat", self.address).into_client_request().unwrap();
        upgrade.headers_mut().insert("x-user", "7".parse().unwrap());
        upgrade.headers_mut().insert("x-request-id", request.parse().unwrap());
        let connection = TcpStream::connect(self.address).await.unwrap();
        let (mut socket, _) = tokio_tungstenite::client_async(upgrade, connection).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap().to_text().unwrap(), "hello");
        socket
    }

    /// Waits until nobody listens there any more.
    async fn refuses(&self) {
        while TcpStream::connect(self.address).await.is_ok() {}
    }
}

/// A test that hangs is to fail.
async fn within_a_minute<F: Future>(test: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(60), test).await.expect("it ends")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_as_soon_as_all_have_ended_with_all_their_rows() {
    if serve().await {
        return;
    }
    within_a_minute(async {
        let hour = Duration::from_secs(60 * 60);
        let service = Service::start("it_ends_as_soon_as_all_have_ended_with_all_their_rows", hour).await;
        service.post("/orders", "order-before").await;
        let mut expected = vec![Row::new("order-before", 7, "done")];

        let mut streams = Vec::new();
        for number in 0..3 {
            let request = format!("events-{number}");
            streams.push(service.listen("/events", &request).await);
            expected.extend(["hello", "goodbye"].map(|said| Row::new(&request, 7, said)));
        }
        let mut sockets = Vec::new();
        for number in 0..3 {
            let name = format!("chat-{number}");
            sockets.push(service.chat(&name).await);
            expected.push(Row::new(&name, 7, "goodbye"));
        }
        let mut posts = Vec::new();
        for number in 0..10 {
            for (path, status) in [("/orders", "202 Accepted"), ("/payments", "201 Created")] {
                let request = format!("{}-{number}", &path[1..]);
                posts.push((service.begin_post(path, &request).await, status));
                expected.push(Row::new(&request, 7, "done"));
            }
        }
        let gone = service.begin_post("/payments", "gone").await;

        service.signal("TERM");
        for stream in &mut streams {
            stream.read_to("data: goodbye").await;
            stream.rest().await;
        }
        for socket in &mut sockets {
            assert_eq!(socket.next().await.unwrap().unwrap().to_text().unwrap(), "goodbye");
            while let Some(Ok(_)) = socket.next().await {}
        }
        service.refuses().await;
        // It was heard, and a second one changes nothing.
        service.signal("TERM");
        drop(gone);
        for (post, status) in &mut posts {
            post.send("ne").await;
            assert_eq!(post.answer().await.0, *status);
        }
        let (said, rows) = service.ended().await;
        assert_eq!(said, ["served true, before the grace", "rejected 0"]);
        expected.sort();
        assert_eq!(rows, expected);
    })
    .await;
}

/// With one of each kind that waits for something that does not come. Nothing bounds it but the grace.
async fn is_cut_at_the_grace_and_named(test: &str, signal: &str) {
    within_a_minute(async {
        let service = Service::start(test, Duration::from_millis(300)).await;
        service.post("/orders", "order-before").await;
        service.post("/stuck", "stuck").await;
        let mut stream = service.listen("/endless", "endless").await;
        // It hears goodbye and does not answer.
        let mut socket = service.chat("chat").await;
        let mut payment = service.begin_post("/payments", "payment").await;
        service.signal(signal);
        stream.rest().await;
        payment.rest().await;
        let (mut said, rows) = service.ended().await;
        said.sort();
        assert_eq!(said, ["cut chat", "cut request", "cut stuck", "rejected 0", "served false, after the grace"]);
        assert_eq!(rows, [Row::new("order-before", 7, "done")]);
        assert_eq!(socket.next().await.unwrap().unwrap().to_text().unwrap(), "goodbye");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_end_is_cut_at_the_grace_and_named() {
    if !serve().await {
        is_cut_at_the_grace_and_named("what_does_not_end_is_cut_at_the_grace_and_named", "TERM").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_ends_it_no_later() {
    if !serve().await {
        is_cut_at_the_grace_and_named("ctrl_c_ends_it_no_later", "INT").await;
    }
}
