//! Between a name and its value stands `=`, and a name is one word without quotes.

use detached::background;

#[background(timeout("5s"))]
async fn parentheses() {}

#[background(timeout: "10s")]
async fn colon() {}

#[background(timeout == "5s")]
async fn comparison() {}

#[background(timeout => "250ms")]
async fn arrow() {}

#[background(timeout += "5s")]
async fn addition() {}

#[background(timeout : = "5s")]
async fn colon_and_equals() {}

#[background(timeout "5s")]
async fn nothing_between() {}

#[background(timeout{"5s"})]
async fn braces() {}

#[background(timeout = "5s", inherit("user_id", "tenant?"))]
async fn list_in_parentheses() {}

#[background(timeout = "5s", inherit["user_id"])]
async fn list_alone() {}

#[background(timeout = "5s", limit: 3, overflow: "wait")]
async fn two_colons() {}

#[background(timeout: "5")]
async fn and_a_wrong_value() {}

#[background(timeout is "5s", limit to 3)]
async fn words_between() {}

#[background(timeout["5s"])]
async fn brackets() {}

#[background(timeout.secs = 5)]
async fn part() {}

#[background(time-out = "5s")]
async fn hyphen() {}

#[background("timeout" = "5s")]
async fn name_in_quotes() {}

#[background(background::timeout = "5s")]
async fn path() {}

#[background(deadline = "5s")]
async fn another_word() {}

fn main() {}
