//! The server: its layers, and its orderly end.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use detached::tower::{ContextLayer, ShieldLayer, StatusPage};
use detached::{DrainReport, Supervisor, terminated};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::database::Db;
use crate::feed::{count_sales, feed};
use crate::mail::Mailer;
use crate::orders::{self, USER_ID};
use crate::payments::Payments;

/// The header that says who orders. A real server would take it from a session.
pub(crate) const USER_HEADER: &str = "x-user-id";

/// How long the shutdown may take.
const GRACE: Duration = Duration::from_secs(10);

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) db: Db,
    pub(crate) payments: Payments,
    pub(crate) mailer: Mailer,
}

/// A server that listens and does not answer yet.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shop: Shop,
    listener: TcpListener,
    has_status: bool,
}

impl Server {
    pub(crate) async fn bind(shop: Shop, has_status: bool) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        Ok(Self { address: listener.local_addr()?, shop, listener, has_status })
    }

    /// Serves until the visits are over, or, where there is a status page to look at, until Ctrl-C. Then ends open requests
    /// and tasks. Gives what the visits gave.
    pub(crate) async fn serve_until<T: Send>(
        self,
        visits: impl Future<Output = reqwest::Result<T>> + Send,
    ) -> Result<(T, DrainReport), Box<dyn Error>> {
        let Self { address, shop, listener, has_status } = self;
        let mut visited = None;
        let over = async {
            let visits = async {
                let is_ok = visited.insert(visits.await).is_ok();
                if has_status && is_ok {
                    println!("http://{address}/status shows the tasks; Ctrl-C ends the program");
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = visits => {}
                () = terminated() => {}
            }
        };
        let supervisor = Supervisor::global();
        let (served, report) = supervisor
            .serve_until(over, GRACE, |stopping| {
                let (sender, sales) = watch::channel(0);
                count_sales(shop.db.clone(), sender);
                let mut app = router(shop, sales);
                if has_status {
                    // Not for the world: it shows what tasks inherited, and where they were called.
                    app = app.route_service("/status", StatusPage::new(&supervisor));
                }
                axum::serve(listener, app).with_graceful_shutdown(stopping).into_future()
            })
            .await;
        served.ok_or("requests were still open at the end of the grace")??;
        Ok((visited.ok_or("interrupted")??, report))
    }
}

fn router(shop: Shop, sales: watch::Receiver<usize>) -> Router {
    Router::new()
        .route("/orders/{order}/{card}", post(orders::place))
        .with_state(shop)
        .route("/feed", get(feed))
        .with_state(sales)
        // Handlers of unsafe methods run to their end though the client goes away, for at most so long.
        .layer(ShieldLayer::new(Duration::from_secs(10)).target(module_path!()))
        .layer(ContextLayer::new().header(USER_HEADER, USER_ID))
}
