//! What background work costs a service: processor time of an axum server on loopback, by request. Reported, never
//! asserted.
//!
//! The server has one core and the client another, each a process on one thread. All handlers are in one server, and the
//! client goes round them in turns; what the server's thread has used it is told by Linux, to the nanosecond.

use std::convert::Infallible;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use detached::{Context, background};
use detached_benches::rounds::median;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

/// As a browser's and a load balancer's: kept open, and asked one thing at a time.
const CONNECTIONS: u32 = 32;
/// Requests on each connection in one round of one handler.
const REQUESTS: u32 = 50;
const ROUNDS: usize = 201;

/// How long the work takes after the answer.
const WORK: Duration = Duration::from_millis(5);
const BOUND: Duration = Duration::from_secs(5);

const HANDLERS: [(&str, &str); 4] = [
    ("none", "answers, no more"),
    ("spawn", "`tokio::spawn` and `timeout`"),
    ("context", "opens a context with two values"),
    ("ours", "opens a context with two values, and calls ours"),
];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve(),
        ["measure", address] => measure(address.parse().expect("an address")),
        _ => return run(),
    }
    ExitCode::SUCCESS
}

/// Starts both processes and waits for the client.
fn run() -> ExitCode {
    if Command::new("taskset").arg("--version").output().is_err() {
        println!("requests are not measured: `taskset` (util-linux) is not installed");
        return ExitCode::SUCCESS;
    }
    let mut server = on_core(0).arg("serve").stdout(Stdio::piped()).spawn().expect("the server starts");
    let mut address = String::new();
    let said = server.stdout.take().expect("it is piped");
    BufReader::new(said).read_line(&mut address).expect("the server says its address");
    let measured = on_core(1).args(["measure", address.trim()]).status();
    let _ = server.kill();
    let _ = server.wait();
    if measured.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// This program, on one core.
fn on_core(core: usize) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).arg(env::current_exe().expect("the path of this program"));
    command
}

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work);
}

fn serve() {
    let work = || async {
        sleep(WORK).await;
        Ok::<(), Infallible>(())
    };
    let router = Router::new()
        .route("/used", get(used))
        .route("/none", get(async || "ok"))
        .route(
            "/spawn",
            get(async move || {
                drop(tokio::spawn(timeout(BOUND, work())));
                "ok"
            }),
        )
        .route("/context", get(async || request().scope(async { "ok" }).await))
        .route(
            "/ours",
            get(async || {
                request()
                    .scope(async {
                        drop(audit());
                        "ok"
                    })
                    .await
            }),
        );
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        axum::serve(listener, router).await.expect("it serves");
    });
}

/// The context of a request.
fn request() -> Context {
    Context::new().with("user_id", 7_u64).with("request_id", 1_u64)
}

#[background(timeout = "5s", inherit = ["user_id", "request_id"])]
async fn audit() -> Result<(), Infallible> {
    sleep(WORK).await;
    Ok(())
}

/// Nanoseconds of processor time that the server's thread has used.
async fn used() -> String {
    let counted = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    counted.split(' ').next().unwrap_or_default().to_owned()
}

fn measure(server: SocketAddr) {
    block_on(async {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Connection::open(server).await);
        }
        let mut asking = Connection::open(server).await;
        let mut times = HANDLERS.map(|_| Vec::with_capacity(ROUNDS));
        for _ in 0..ROUNDS {
            for ((path, _), times) in HANDLERS.iter().zip(&mut times) {
                let before = asking.used().await;
                connections = request_all(connections, path).await;
                // The work that was started is part of what the request costs.
                sleep(4 * WORK).await;
                times.push((asking.used().await - before) / f64::from(CONNECTIONS * REQUESTS));
            }
        }
        print(&times);
    });
}

async fn request_all(connections: Vec<Connection>, path: &'static str) -> Vec<Connection> {
    let tasks = connections.into_iter().map(|mut connection| {
        tokio::spawn(async move {
            for _ in 0..REQUESTS {
                connection.get(path).await;
            }
            connection
        })
    });
    let mut back = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        back.push(task.await.expect("the client does not panic"));
    }
    back
}

/// One connection, with what was last read of it.
struct Connection {
    stream: TcpStream,
    response: Vec<u8>,
}

impl Connection {
    async fn open(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, response: Vec::with_capacity(1024) }
    }

    /// Asks for `path` and reads the answer, of which a short one comes in one piece.
    async fn get(&mut self, path: &str) -> &str {
        let request = format!("GET /{path} HTTP/1.1\r\nhost: bench\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await.expect("the server reads");
        self.response.clear();
        self.stream.read_buf(&mut self.response).await.expect("the server answers");
        let text = std::str::from_utf8(&self.response).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a whole answer");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        body
    }

    async fn used(&mut self) -> f64 {
        self.get("used").await.parse().expect("a number")
    }
}

fn print(times: &[Vec<f64>]) {
    let micros = |nanos: f64| nanos / 1000.0;
    println!("| the handler | processor time a request | on top of the first |");
    println!("| --- | --- | --- |");
    let mut added = Vec::new();
    for ((_, handler), handlers) in HANDLERS.iter().zip(times) {
        let rounds: Vec<f64> = handlers.iter().zip(&times[0]).map(|(of, none)| of - none).collect();
        added.push(median(&rounds));
        println!("| {handler} | {:.2} µs | {:.2} µs |", micros(median(handlers)), micros(median(&rounds)));
    }
    println!("\nOurs adds **{:.2}×** what `tokio::spawn` and `timeout` add.", added[3] / added[1]);
}
