//! The web server: one page, and the middleware that gives each request its context.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::database::Db;
use crate::recording::{self, Mode};
use crate::traffic::Traffic;
use crate::{context, mishaps};

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) traffic: Arc<Traffic>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
}

impl Server {
    pub(crate) async fn start(mode: Mode, db: Db) -> io::Result<Self> {
        let traffic = Arc::new(Traffic::new());
        let app = App { db, traffic: Arc::clone(&traffic) };

        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let serving = axum::serve(listener, router(mode, app)).with_graceful_shutdown(async {
            // An error means that the sender is gone, which is as good a reason to stop.
            let _ = stopped.await;
        });
        Ok(Self { address, traffic, stop, serving: tokio::spawn(serving.into_future()) })
    }

    /// Lets the open requests end. Returns how many clients disconnected before they had their answer.
    pub(crate) async fn stop(self) -> io::Result<usize> {
        drop(self.stop);
        self.serving.await??;
        Ok(self.traffic.disconnects())
    }
}

fn router(mode: Mode, app: App) -> Router {
    let page = match mode {
        Mode::Inline => get(recording::inline),
        Mode::HandedOver => get(recording::handed_over),
        Mode::Background => get(recording::background),
    };
    Router::new()
        .route("/profile/{user}", page)
        .route("/mishaps", post(mishaps::start))
        .layer(middleware::from_fn_with_state(app.clone(), context::for_each_request))
        .with_state(app)
}
