#[background(timeout = "none", name = "visits.record", grace = "1m 30s", level = "warn")]
async fn some() {}

#[background(
    timeout = "250ms", inherit = ["user_id", "tenant?"], origin = "follow", shutdown = "cancel", trace = "child",
    level = "error", limit = 10, overflow = "drop_oldest", queue = 100, start_timeout = "1s",
)]
async fn most() {}

#[background(timeout = longest(retries), supervisor = app.supervisor, crate = ::facade::detached)]
pub async fn computed(app: App, retries: u32) {}
