use detached::background;

#[background(timeout = "5s")]
fn main() {}
