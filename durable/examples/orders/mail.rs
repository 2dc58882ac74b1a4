//! The mail of an order, and the workers that send it.

use std::error::Error;
use std::time::Duration;

use detached::durable::Stored;
use detached::{Key, background};
use detached_apalis::{Engine, Worker, WorkerError};

use crate::shop::{Database, Shop, either};

/// Who orders; known from the request to the worker.
pub(crate) static CUSTOMER: Key<String, Stored> = Key::new("customer").stored();

/// Sends the mail of an order: takes its time, and notes it in a table, as a mail server would.
#[background(durable = "mail", timeout = "30s", attempts = 5)]
pub(crate) async fn send_receipt(
    order: i64,
    #[inherit(CUSTOMER)] customer: String,
    #[state] shop: Shop,
) -> Result<(), sqlx::Error> {
    const SENT: &str = "INSERT INTO mails VALUES ($1, $2)";
    tokio::time::sleep(Duration::from_millis(50)).await;
    either!(shop, pool => sqlx::query(SENT).bind(order).bind(customer).execute(pool).await.map(drop))
}

/// Runs until the process is killed.
pub(crate) async fn work(shop: &Shop) -> Result<(), Box<dyn Error + Send + Sync>> {
    match &shop.database {
        Database::Sqlite(_, store) => run(store, shop).await?,
        Database::Postgres(_, store) => run(store, shop).await?,
    }
    Ok(())
}

async fn run(store: &impl Engine, shop: &Shop) -> Result<(), WorkerError> {
    // A dead worker is found within four seconds here; fifteen are the default.
    let worker = Worker::new(store).state(shop.clone()).register::<send_receipt>().liveness(Duration::from_secs(1), 3);
    worker.run_until(std::future::pending::<()>()).await.map(drop)
}
