//! actix-web, whose workers have a tokio runtime each: it ends with the server, and takes the tasks in it along.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use detached::{Cause, Observer, Outcome, Supervisor, TaskInfo, background};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

const REQUESTS: usize = 10;
const GRACE: Duration = Duration::from_secs(60);

/// A table, which lets nobody write while the server runs.
#[derive(Clone)]
struct Db {
    rows: Arc<AtomicUsize>,
    open: Arc<Semaphore>,
}

impl Db {
    fn new() -> Self {
        Self { rows: Arc::default(), open: Arc::new(Semaphore::new(0)) }
    }
}

#[background(timeout = "60s")]
async fn record_visit(db: &Db) {
    let _turn = db.open.acquire().await;
    db.rows.fetch_add(1, Ordering::Relaxed);
}

/// The causes of all cancellations.
#[derive(Clone, Default)]
struct Causes(Arc<Mutex<Vec<Cause>>>);

impl Observer for Causes {
    fn on_end(&self, _: &TaskInfo, outcome: &Outcome<'_>) {
        if let Outcome::Cancelled(cause) = outcome {
            self.0.lock().unwrap().push((*cause).clone());
        }
    }
}

async fn page(supervisor: web::Data<Supervisor>, db: web::Data<Db>) -> &'static str {
    supervisor.scope(async { drop(record_visit(&db)) }).await;
    "the page"
}

/// Runs a server for ten visits, each of which is to be written down, and stops it.
async fn serve(supervisor: &Supervisor, db: &Db) {
    let (supervisor, db) = (web::Data::new(supervisor.clone()), web::Data::new(db.clone()));
    let app = move || App::new().app_data(supervisor.clone()).app_data(db.clone()).route("/", web::get().to(page));
    let server = HttpServer::new(app).workers(2).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let visits = async {
        for _ in 0..REQUESTS {
            visit(address).await;
        }
        handle.stop(true).await;
    };
    let (served, ()) = tokio::join!(server, visits);
    served.unwrap();
}

async fn visit(address: SocketAddr) {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("the page"), "{answer}");
}

#[tokio::test]
async fn with_a_runtime_of_the_supervisors_own_every_row_is_written() {
    let supervisor = Supervisor::builder().runtime(Handle::current()).build();
    let db = Db::new();
    serve(&supervisor, &db).await;
    assert_eq!(supervisor.counts().running, REQUESTS as u64);
    db.open.add_permits(REQUESTS);
    let report = supervisor.drain(GRACE).await;
    assert_eq!((db.rows.load(Ordering::Relaxed), report.completed.len()), (REQUESTS, REQUESTS));
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn without_it_every_row_is_reported_as_lost_with_the_workers_runtimes() {
    let causes = Causes::default();
    let supervisor = Supervisor::builder().observer(causes.clone()).build();
    let db = Db::new();
    serve(&supervisor, &db).await;
    // The workers end by themselves, after the server.
    supervisor.idle().await;
    assert_eq!(*causes.0.lock().unwrap(), vec![Cause::RuntimeStopped; REQUESTS]);
    let report = supervisor.drain(GRACE).await;
    assert_eq!((db.rows.load(Ordering::Relaxed), report.stopped.len()), (0, REQUESTS));
    for stopped in &report.stopped {
        assert_eq!((stopped.name, stopped.caller.file()), ("record_visit", file!()));
    }
    assert!(!report.is_clean());
    assert_eq!(report.lost().stopped, report.stopped);
    assert!(report.to_string().contains("stopped    record_visit       10 "), "{report}");
}
