use detached::background;

#[background(timout = "5s")]
async fn slip() {}

#[background(timeout = "5s", retries = 3)]
async fn other() {}

#[background(timeout = "5s", Limit = 3)]
async fn capital() {}

fn main() {}
