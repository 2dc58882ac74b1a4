use detached::background;

const SECONDS: u64 = 5;

#[background(timeout = SECONDS)]
async fn timeout() {}

#[background(timeout = "5s", supervisor = "main")]
async fn supervisor() {}

#[background(timeout = (first, second))]
async fn two(first: u8, second: u8) {
    let _ = (first, second);
}

fn main() {}
