//! What borrows for ever is no more to be read again than what borrows for a while.

use detached::background;

#[background(durable = "mail", timeout = "5s")]
async fn words(_words: Vec<&'static str>) {}

fn main() {}
