use detached::background;

#[background(timeout = 5)]
async fn timeout() {}

#[background(timeout = 5s)]
async fn timeout_without_quotes() {}

#[background(timeout = "5s", inherit = "user_id")]
async fn inherit() {}

#[background(timeout = "5s", name = record)]
async fn name() {}

#[background(timeout = "5s", name = " ")]
async fn blank_name() {}

#[background(timeout = "5s", grace = 5)]
async fn grace() {}

#[background(timeout = "5s", origin = true)]
async fn origin() {}

#[background(timeout = "5s", limit = "10")]
async fn limit_in_quotes() {}

#[background(timeout = "5s", limit = -1)]
async fn limit_below_zero() {}

#[background(timeout = "5s", limit = 10u8)]
async fn limit_with_type() {}

#[background(timeout = "5s", limit = 99999999999999999999999)]
async fn limit_too_large() {}

#[background(timeout = "5s", limit = 0)]
async fn limit_of_zero() {}

#[background(timeout = "5s", limit = 1, overflow = "wait", queue = 0)]
async fn queue_of_zero() {}

#[background(timeout = "5s", crate = "detached")]
async fn path_in_quotes() {}

fn main() {}
