//! `#[state]` where it cannot be, or is written wrong.

use detached::background;

#[derive(Clone)]
struct Db;

#[background(timeout = "5s")]
async fn in_the_process(#[state] _db: Db) {}

#[background(durable = "mail", timeout = "5s")]
async fn written_wrong(#[state(db)] _one: Db, #[state] _other: &Db, #[state] #[inherit(KEY)] _both: Db) {}

fn main() {}
