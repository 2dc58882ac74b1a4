//! What background work costs a service: processor time of an axum server on loopback, by request. Reported, never
//! asserted.
//!
//! The server has one core and the client another, each a process on one thread. All handlers are in one server, and the
//! client goes round them in turns; what the server's thread has used it is told by Linux, to the nanosecond.
//!
//! `--instructions` has callgrind count what the server executes instead, and prints which functions make the difference
//! between ours and a spawn with a timeout.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{self, Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use detached::{Context, background};
use detached_benches::callgrind::{Callgrind, Profile, is_of_allocator};
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
        ["--instructions"] => count(),
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
    let (mut server, address) = start(on_core(0));
    let measured = on_core(1).args(["measure", &address.to_string()]).status();
    let _ = server.kill();
    let _ = server.wait();
    if measured.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Starts the server, and gives its address.
fn start(mut program: Command) -> (Child, SocketAddr) {
    let mut server = program.arg("serve").stdout(Stdio::piped()).spawn().expect("the server starts");
    let mut address = String::new();
    let said = server.stdout.take().expect("it is piped");
    BufReader::new(said).read_line(&mut address).expect("the server says its address");
    (server, address.trim().parse().expect("an address"))
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
    // As each service has. glibc's allocator is cheaper before the first, which our call would be the only one to start.
    thread::spawn(|| ()).join().expect("it does nothing");
    let work = || async {
        sleep(WORK).await;
        Ok::<(), Infallible>(())
    };
    let router = Router::new()
        .route("/used", get(used))
        .route("/stop", get(stop))
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

/// Ends the server as a whole program, so that callgrind writes what it counted.
async fn stop() {
    process::exit(0)
}

fn measure(server: SocketAddr) {
    block_on(async {
        let mut connections = Connection::open_all(server).await;
        let mut asking = Connection::open(server).await;
        let mut times = HANDLERS.map(|_| Vec::with_capacity(ROUNDS));
        for _ in 0..ROUNDS {
            for ((path, _), times) in HANDLERS.iter().zip(&mut times) {
                let before = asking.used().await;
                connections = request_all(connections, path, REQUESTS).await;
                // The work that was started is part of what the request costs.
                sleep(4 * WORK).await;
                times.push((asking.used().await - before) / f64::from(CONNECTIONS * REQUESTS));
            }
        }
        print(&times);
    });
}

async fn request_all(connections: Vec<Connection>, path: &'static str, requests: u32) -> Vec<Connection> {
    let tasks = connections.into_iter().map(|mut connection| {
        tokio::spawn(async move {
            for _ in 0..requests {
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

    async fn open_all(server: SocketAddr) -> Vec<Self> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            connections.push(Self::open(server).await);
        }
        connections
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

/// Two counts of requests on each connection; the difference of their instructions leaves out all that happens once.
const COUNTED: [u32; 2] = [50, 200];

/// So many functions are printed.
const FUNCTIONS: usize = 40;

fn count() {
    let Some(callgrind) = Callgrind::find() else { return };
    println!("| the handler | instructions a request | on top of the first | of that, the allocator's |");
    println!("| --- | --- | --- | --- |");
    let mut profiles: Vec<[Profile; 2]> = Vec::new();
    for (path, handler) in HANDLERS {
        profiles.push(COUNTED.map(|requests| serve_counted(&callgrind, path, requests)));
        let [all, allocators] = [|_: &str| true, is_of_allocator].map(|is_counted: fn(&str) -> bool| {
            let on_top = |of: &[Profile; 2]| a_request(of, is_counted);
            (on_top(&profiles[profiles.len() - 1]), on_top(&profiles[0]))
        });
        println!("| {handler} | {:.0} | {:.0} | {:.0} |", all.0, all.0 - all.1, allocators.0 - allocators.1);
    }
    print_functions(&profiles);
}

/// What the server executes in a run of so many requests on each connection.
fn serve_counted(callgrind: &Callgrind, path: &'static str, requests: u32) -> Profile {
    let mut program = callgrind.command();
    program.stderr(Stdio::null());
    let (mut server, address) = start(program);
    block_on(async {
        let connections = request_all(Connection::open_all(address).await, path, requests).await;
        sleep(4 * WORK).await;
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        stream.write_all(b"GET /stop HTTP/1.1\r\nhost: bench\r\n\r\n").await.expect("the server reads");
        // It answers nothing, and is gone.
        let _ = stream.read_to_end(&mut Vec::new()).await;
        drop(connections);
    });
    server.wait().expect("it has ended");
    callgrind.take_profile()
}

/// Instructions that one request of the two runs costs in those functions.
#[allow(clippy::cast_precision_loss)] // shown without decimals
fn a_request([few, many]: &[Profile; 2], is_counted: impl Fn(&str) -> bool) -> f64 {
    let [few, many] = [few, many].map(|profile| {
        profile.0.iter().filter(|(function, _)| is_counted(function)).map(|(_, used)| *used as f64).sum::<f64>()
    });
    (many - few) / f64::from(CONNECTIONS * (COUNTED[1] - COUNTED[0]))
}

/// The functions in which ours and a spawn with a timeout differ most.
fn print_functions(profiles: &[[Profile; 2]]) {
    let names: BTreeSet<&String> = profiles.iter().flatten().flat_map(|profile| profile.0.keys()).collect();
    let of = |name: &str| -> Vec<f64> {
        profiles.iter().map(|profiles| a_request(profiles, |function| function == name)).collect()
    };
    let mut functions: Vec<(Vec<f64>, &String)> = names.into_iter().map(|name| (of(name), name)).collect();
    functions.sort_by(|(a, _), (b, _)| (b[3] - b[1]).abs().total_cmp(&(a[3] - a[1]).abs()));
    println!("\nwhere ours and a spawn with a timeout differ most, in instructions a request");
    println!("{:>10} {:>10} {:>10} {:>10} {:>10}", "difference", "none", "spawn", "context", "ours");
    for (counts, name) in functions.iter().take(FUNCTIONS) {
        let [none, spawn, context, ours] = counts[..] else { unreachable!("one for each handler") };
        println!("{:>10.0} {none:>10.0} {spawn:>10.0} {context:>10.0} {ours:>10.0}  {name}", ours - spawn);
    }
}
