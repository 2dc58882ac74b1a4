//! A name that is written twice before one value is one mistake, wherever what belongs between them is missing.

use detached::background;

#[background(timeout = timeout = "5s")]
async fn twice() {}

#[background(timeout = timeout = timeout = "5s")]
async fn three_times() {}

#[background(timeout timeout = "5s")]
async fn without_equals() {}

#[background(timeout = , timeout = "5s")]
async fn with_comma() {}

#[background(timeout, timeout)]
async fn without_value() {}

#[background(timeout = "5s", inherit = inherit = ["user_id"])]
async fn of_another() {}

#[background(timeout = grace = "5s")]
async fn of_two() {}

#[background(timeout = "5s", level = "warn", level = "warn")]
async fn whole() {}

fn main() {}
