use detached::background;

#[background(timeout = "5s", timeout = "6s")]
async fn timeout() {}

#[background(timeout = "5s", inherit = ["a"], grace = "1s", inherit = ["b"])]
async fn inherit() {}

#[background(timeout = "nonsense", timeout = "5s")]
async fn wrong_then_right() {}

fn main() {}
