//! Types that cannot be stored, or given: each is one mistake.

use std::rc::Rc;

use detached::background;

struct Plain;

#[derive(serde::Serialize)]
struct OnlyWritten;

#[background(durable = "mail", timeout = "5s")]
async fn argument(_plain: Plain, _written: OnlyWritten) {}

#[background(durable = "mail", timeout = "5s")]
async fn state(#[state] _not_clone: Plain) {}

#[background(durable = "mail", timeout = "5s")]
async fn not_send() {
    let shared = Rc::new(1);
    std::future::ready(()).await;
    drop(shared);
}

fn main() {}
