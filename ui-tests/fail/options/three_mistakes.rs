use detached::background;

#[background(timeout = "5", level = "loud", limits = 3)]
async fn three() {}

fn main() {}
