//! Options that stand in brackets of their own are read as well: the brackets are the one mistake.

use detached::background;

#[background(#[timeout = "5s"])]
async fn attribute() {}

#[background(#[timeout = "5s", grace = "1s"], level = "warn")]
async fn two() {}

#[background(timeout = "5s", [inherit = ["user_id"],], level = "warn")]
async fn brackets() {}

#[background({ timeout = "5s" })]
async fn braces() {}

#[background((timeout = "5s", origin = "follow", level = "warn"))]
async fn parentheses() {}

#[background(#[timeout = "5"])]
async fn wrong_inside() {}

#[background(#[allow(unused)], timeout = "5s")]
async fn no_option() {}

fn main() {}
