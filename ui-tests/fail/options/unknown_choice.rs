use detached::background;

#[background(timeout = "5s", origin = "folow")]
async fn origin() {}

#[background(timeout = "5s", shutdown = "abort")]
async fn shutdown() {}

#[background(timeout = "5s", trace = "parent")]
async fn trace() {}

#[background(timeout = "5s", level = "Warn")]
async fn level() {}

#[background(timeout = "5s", limit = 1, overflow = "drop-oldest")]
async fn overflow() {}

fn main() {}
