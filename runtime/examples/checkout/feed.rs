//! How many orders were paid, as a stream for whoever watches: fed by a resident.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use detached::background;
use futures_util::{Stream, stream};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::database::Db;

/// Counts the orders as long as the process lives. `shutdown = "cancel"`: nobody waits for it, the shutdown cancels it first.
#[background(timeout = "none", shutdown = "cancel")]
pub(crate) async fn count_sales(db: Db, sales: watch::Sender<usize>) -> Result<(), sqlx::Error> {
    let mut ticks = interval(Duration::from_millis(10));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let count = db.count_orders().await?;
        sales.send_if_modified(|told| std::mem::replace(told, count) != count);
    }
}

/// `GET /feed`. The stream ends when its resident does, since that has the sender: so it does not keep the server open.
pub(crate) async fn feed(
    State(sales): State<watch::Receiver<usize>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream::unfold(sales, async |mut sales| {
        sales.changed().await.ok()?;
        let count = *sales.borrow_and_update();
        Some((Ok(Event::default().data(count.to_string())), sales))
    }))
}
