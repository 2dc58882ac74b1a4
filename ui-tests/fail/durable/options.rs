//! The options of durable functions: their values, and those that need each other.

use detached::{Supervisor, background};

static SUPERVISOR: std::sync::LazyLock<Supervisor> = std::sync::LazyLock::new(Supervisor::new);

#[background(durable = 5, timeout = "5s", attempts = "5", backoff = 5, crashes = 0, alias = old)]
async fn wrong_kinds() {}

#[background(durable = "", timeout = "5s", attempts = 0, backoff = "15m..1s", alias = ["a", "a"])]
async fn wrong_values() {}

#[background(durable = "mail", timeout = "5s", attempts = 5_000_000_000, backoff = "1s..soon", alias = ["a", 5])]
async fn more_wrong_values() {}

#[background(timeout = "5s", attempts = 5, backoff = "1s", crashes = 5, alias = "old")]
async fn without_durable() {}

#[background(durable = "mail", timeout = "5s", origin = "follow", supervisor = &SUPERVISOR)]
async fn of_the_caller() {}

#[background(durable = "mail", timeout = "5s", attempt = 5)]
async fn misspelt() {}

#[background(durable = mail, timeout = "5s", attempts = 3u8, backoff = 1s..15m, crashes, alias = [old_name])]
async fn without_quotes() {}

#[background(durable: "mail" timeout = "5s", attempts = 3 +, backoff = "1s..15min", queue_name = "mail")]
async fn broken() {}

fn main() {
    let _ = of_the_caller();
}
