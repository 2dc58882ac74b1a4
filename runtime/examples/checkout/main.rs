//! A shop whose orders must not be lost half-way: not between a charge and its row, not with a customer who leaves, not at
//! the shutdown.
//!
//! Customers order over real sockets, and every third one closes its socket while its card is being charged. The payment
//! provider fails now and then, and declines some cards. Each paid order has a row, and a receipt by mail. In the end all
//! is counted: as many charges as rows as receipts, or the program ends with an error.
//!
//! ```sh
//! cargo run --example checkout                     # RUST_LOG=debug shows each retry and each task that ends well
//! cargo run --example checkout -- --status         # serves a page of its tasks, until Ctrl-C
//! ```
//!
//! Where to read: `orders` has the handler, `payments` the call that is tried again, `mail` the receipts, two at a time,
//! `feed` a resident and the stream that it feeds, `server` the layers and the orderly end. `database` and `customers` are the
//! world around them.

mod customers;
mod database;
mod feed;
mod mail;
mod orders;
mod payments;
mod server;

use std::error::Error;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

use crate::customers::Customers;
use crate::database::Db;
use crate::mail::Mailer;
use crate::payments::Payments;
use crate::server::{Server, Shop};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().without_time().with_ansi(io::stderr().is_terminal()).with_writer(io::stderr);
    log.with_env_filter(filter).init();
    let folder = tempfile::tempdir()?;
    let shop = Shop {
        db: Db::create(&folder.path().join("orders.db")).await?,
        payments: Payments::new(customers::ORDERS),
        mailer: Mailer::default(),
    };

    let server = Server::bind(shop.clone(), std::env::args().any(|argument| argument == "--status")).await?;
    let customers = Customers::of(&server)?;
    let watched = tokio::spawn(customers.clone().watch_feed());
    let (visits, report) = server.serve_until(customers.order_all()).await?;

    let (orders, steps) = (shop.db.count_orders().await?, watched.await??);
    shop.db.close().await; // nobody uses it any more
    let (charged, mailed) = (shop.payments.charged(), shop.mailer.sent());
    println!("{} customers ordered, {} were gone before they had their answer", customers::ORDERS, visits.left);
    println!("{charged} charged, {orders} in the books, {mailed} receipts mailed; {} cards declined", visits.declined);
    println!("the feed told of the sales in {steps} steps, and ended with its resident\n");
    println!("shutdown:\n{report}");

    let is_complete = charged + visits.declined == customers::ORDERS && orders == charged && mailed == charged;
    Ok(if is_complete && report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
