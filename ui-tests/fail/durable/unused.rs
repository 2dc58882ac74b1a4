//! A call that nobody awaits is not stored; and what nobody uses is said to be unused, unless a worker is told of it.
#![deny(unused)]

use detached::background;

#[background(durable = "mail", timeout = "5s")]
async fn send(_to: String) {}

#[background(durable = "mail", timeout = "5s")]
async fn only_run() {}

#[background(durable = "mail", timeout = "5s")]
async fn never_used() {}

#[deprecated]
#[background(durable = "mail", timeout = "5s")]
async fn old() {}

fn main() {
    send("ann".to_owned());
    let mut registry = detached::durable::Registry::new();
    registry.register::<only_run>().unwrap();
    registry.register::<old>().unwrap();
}
