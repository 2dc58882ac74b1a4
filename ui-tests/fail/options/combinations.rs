use detached::background;

#[background(timeout = "5s", overflow = "wait")]
async fn overflow_without_limit() {}

#[background(timeout = "5s", queue = 10)]
async fn queue_without_limit() {}

#[background(timeout = "5s", start_timeout = "1s")]
async fn start_timeout_without_limit() {}

#[background(timeout = "5s", limit = 10, queue = 10)]
async fn queue_of_the_default() {}

#[background(timeout = "5s", limit = 10, overflow = "reject", queue = 10, start_timeout = "1s")]
async fn both_when_rejected() {}

fn main() {}
