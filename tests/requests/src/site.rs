//! The service on a loopback port, from its start to its orderly end.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use axum::Router;
use detached::{DrainReport, Stopping, Supervisor};
use http::Version;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::rows::{Row, Rows};
use crate::stage::{Direction, Stage};
use crate::{in_axum, in_hyper, in_tonic};

/// No test waits for so long: only one that fails does.
const GRACE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Axum,
    Hyper,
    /// hyper with `half_close`.
    HyperHalfClosing,
    Tonic,
}

impl Server {
    async fn serve(self, listener: TcpListener, stage: Stage, stopping: Stopping) {
        match self {
            Self::Axum => axum::serve(listener, in_axum::app(stage)).with_graceful_shutdown(stopping).await.unwrap(),
            Self::Hyper => in_hyper::serve(listener, in_hyper::service(stage), false, stopping).await,
            Self::HyperHalfClosing => in_hyper::serve(listener, in_hyper::service(stage), true, stopping).await,
            Self::Tonic => in_tonic::serve(tonic::transport::Server::builder(), listener, stage, stopping).await,
        }
    }
}

pub struct Site {
    pub address: SocketAddr,
    pub server: Server,
    /// What its clients speak.
    pub version: Version,
    pub supervisor: Supervisor,
    rows: Rows,
    direction: Direction,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<(Option<()>, DrainReport)>,
}

impl Site {
    pub async fn open(server: Server, version: Version) -> Self {
        Self::served_by(server, version, move |listener, stage, stopping| server.serve(listener, stage, stopping)).await
    }

    /// In axum, with a router of the test's.
    pub async fn of(app: impl FnOnce(Stage) -> Router + Send + 'static, version: Version) -> Self {
        Self::served_by(Server::Axum, version, move |listener, stage, stopping| async move {
            axum::serve(listener, app(stage)).with_graceful_shutdown(stopping).await.unwrap();
        })
        .await
    }

    /// As the test says.
    pub async fn served_by<F: Future<Output = ()> + Send>(
        server: Server,
        version: Version,
        serve: impl FnOnce(TcpListener, Stage, Stopping) -> F + Send + 'static,
    ) -> Self {
        let rows = Rows::in_sqlite().await;
        let (stage, direction) = Stage::new(rows.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let supervisor = Supervisor::new();
        let (stop, stopped) = oneshot::channel();
        let owner = supervisor.clone();
        let serving = tokio::spawn(async move {
            let signal = async { drop(stopped.await) };
            owner.serve_until(signal, GRACE, |stopping| serve(listener, stage, stopping)).await
        });
        Self { address, server, version, supervisor, rows, direction, stop: Some(stop), serving }
    }

    /// Gives the signal, if it was not given yet.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).expect("it serves");
        }
    }

    /// Ends it, with all clients gone: nothing is lost, every task has completed, and these are the rows.
    pub async fn close(mut self, expected: &[Row]) {
        self.stop();
        let Self { supervisor, rows, serving, .. } = self;
        let (served, report) = serving.await.expect("the server does not panic");
        assert_eq!(served, Some(()), "the server ends by itself");
        assert!(report.is_clean(), "{report}");
        let counts = supervisor.counts();
        assert_eq!((counts.called, counts.completed), (expected.len() as u64, expected.len() as u64), "{counts:?}");
        assert_eq!(rows.all().await, expected);
        rows.close().await;
    }
}

impl Deref for Site {
    type Target = Direction;

    fn deref(&self) -> &Direction {
        &self.direction
    }
}

impl DerefMut for Site {
    fn deref_mut(&mut self) -> &mut Direction {
        &mut self.direction
    }
}
