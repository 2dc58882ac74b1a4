use detached::background;

const SECONDS: u64 = 5;

#[background(timeout = SECONDS)]
async fn timeout() {}

const TEXT: &str = "5s";

#[background(timeout = TEXT)]
async fn text() {}

#[background(timeout = [5, 6])]
async fn array() {}

#[background(timeout = SECONDS as f32 * 1.5)]
async fn float() {}

#[background(timeout = &std::time::Duration::MAX)]
async fn reference() {}

struct Config {
    timeout: Option<std::time::Duration>,
}

#[background(timeout = config.timeout)]
async fn field(config: Config) {}

#[background(timeout = TEXT.len())]
async fn call() {}

#[background(timeout = "5s", supervisor = "main")]
async fn supervisor() {}

#[background(timeout = (first, second))]
async fn two(first: u8, second: u8) {
    let _ = (first, second);
}

fn main() {}
