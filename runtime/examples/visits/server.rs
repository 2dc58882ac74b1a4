//! The web server: one page, behind the layer that gives each request its context.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use detached::{DrainReport, Supervisor, terminated};
use tokio::net::TcpListener;

use crate::database::Db;
use crate::recording::{self, Mode};
use crate::traffic::Traffic;
use crate::{context, mishaps};

/// How long the shutdown may take: for the requests that are open, and the tasks that still run.
const GRACE: Duration = Duration::from_secs(5);

/// A server that listens and does not answer yet.
pub(crate) struct Server {
    pub(crate) site: Site,
    listener: TcpListener,
    mode: Mode,
    db: Db,
}

/// What its visitors know of it.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) traffic: Arc<Traffic>,
    /// The owner of the tasks that its handlers start. A server of the demonstration has one of its own; a program has the
    /// global one, as a rule.
    pub(crate) supervisor: Supervisor,
}

/// What came of a server's time.
pub(crate) struct Served<T> {
    pub(crate) visits: T,
    /// How many clients were gone before they had their answer.
    pub(crate) disconnected: usize,
    pub(crate) report: DrainReport,
}

impl Server {
    pub(crate) async fn bind(mode: Mode, db: Db) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let site = Site { address, traffic: Arc::new(Traffic::new()), supervisor: Supervisor::new() };
        Ok(Self { site, listener, mode, db })
    }

    /// Serves until the visits are over or the process is told to end; then ends open requests and tasks, in this order.
    ///
    /// `serve_until` is all of the shutdown. By hand it was a channel to stop the server by, a task to serve in, the wait
    /// for both, and a drain at the end of `main` that each way out had to pass: some twenty lines.
    pub(crate) async fn serve_until<T: Send>(
        self,
        visits: impl Future<Output = reqwest::Result<T>> + Send,
    ) -> Result<Served<T>, Box<dyn Error>> {
        let Self { site: Site { traffic, supervisor, .. }, listener, mode, db } = self;
        let mut visited = None;
        let over = async {
            tokio::select! {
                visits = visits => visited = Some(visits),
                () = terminated() => {}
            }
        };
        let (served, report) = supervisor
            .serve_until(over, GRACE, |stopping| {
                let app = router(mode, db, Arc::clone(&traffic));
                axum::serve(listener, app).with_graceful_shutdown(stopping).into_future()
            })
            .await;
        served.ok_or("requests were still open at the end of the grace")??;
        let visits = visited.ok_or("interrupted")??;
        Ok(Served { visits, disconnected: traffic.disconnected(), report })
    }
}

fn router(mode: Mode, db: Db, traffic: Arc<Traffic>) -> Router {
    let page = match mode {
        Mode::Inline => get(recording::inline),
        Mode::HandedOver => get(recording::handed_over),
        Mode::Background => get(recording::background),
    };
    Router::new()
        .route("/profile/{user}", page)
        .route("/mishaps", post(mishaps::start))
        .layer(context::for_each_request(traffic))
        .with_state(db)
}
