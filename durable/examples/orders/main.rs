//! Orders of a shop, each with a mail that must not be lost: stored in one transaction, sent by two worker processes, of which
//! one is killed halfway.
//!
//! `cargo run --manifest-path durable/Cargo.toml --example orders`, on SQLite in a temporary folder; below
//! `.ci/postgres run`, or with a `DATABASE_URL`, on PostgreSQL. It ends with an error if a mail is lost, or one was sent for an
//! order that was rolled back.

mod customers;
mod mail;
mod shop;
mod web;

use std::error::Error;
use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};

use shop::Shop;

/// Where a worker's process finds the shop.
const WORKER: &str = "ORDERS_WORKER";

/// How many customers order something.
const ORDERS: i64 = 300;

/// Longer than a dead worker takes to be found.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error + Send + Sync>> {
    if let Ok(url) = std::env::var(WORKER) {
        mail::work(&Shop::open(&url).await?).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = tempfile::tempdir()?;
    let file = format!("sqlite:{}?mode=rwc", folder.path().join("shop.db").display());
    let shop = Shop::open(&std::env::var("DATABASE_URL").unwrap_or(file)).await?;
    shop.clear().await?;

    let workers = [worker(&shop)?, worker(&shop)?];
    let customers = customers::order(web::serve(shop.clone()).await?, ORDERS);
    let (refused, killed) = tokio::join!(customers, kill_one_halfway(&shop, workers));
    let (refused, killed) = (refused?, killed?);
    let lost = wait_for_all(&shop, ORDERS - refused).await?;
    let again = shop.number("SELECT count(*) - count(DISTINCT order_id) FROM mails").await?;
    let unordered = shop.number("SELECT count(*) FROM mails WHERE order_id NOT IN (SELECT id FROM orders)").await?;
    let misnamed = shop
        .number("SELECT count(*) FROM mails JOIN orders ON order_id = id WHERE mails.customer <> orders.customer")
        .await?;

    println!("{:>34} {:>6}", "on", shop.name());
    println!("{:>34} {:>6}", "orders, each with its mail", ORDERS - refused);
    println!("{:>34} {refused:>6}", "rolled back, each with its mail");
    println!("{:>34} {killed:>6}", "sent when a worker was killed");
    println!("{:>34} {:>6}", "sent", ORDERS - refused - lost);
    println!("{:>34} {again:>6}", "sent twice");
    println!("{:>34} {unordered:>6}", "sent for no order");
    println!("{:>34} {misnamed:>6}", "sent in another's name");
    println!("{:>34} {lost:>6}", "lost");
    Ok(if lost + unordered + misnamed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// This very program, as a worker.
fn worker(shop: &Shop) -> std::io::Result<Child> {
    Command::new(std::env::current_exe()?).env(WORKER, shop.url()).spawn()
}

/// As `kill -9` does. How many mails were sent by then.
async fn kill_one_halfway(shop: &Shop, [mut killed, other]: [Child; 2]) -> Result<i64, sqlx::Error> {
    while shop.sent().await? < ORDERS / 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (sent, _) = (shop.sent().await?, killed.kill());
    let _ = killed.wait();
    shop.leave_to(other);
    Ok(sent)
}

/// How many mails were never sent.
async fn wait_for_all(shop: &Shop, mails: i64) -> Result<i64, sqlx::Error> {
    let start = Instant::now();
    while shop.sent().await? < mails && start.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(mails - shop.sent().await?)
}
