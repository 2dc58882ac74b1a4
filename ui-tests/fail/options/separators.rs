use detached::background;

#[background("5s")]
async fn no_name() {}

#[background(timeout = "5s" name = "x")]
async fn no_comma() {}

#[background(timeout = "5s"; name = "x")]
async fn semicolon() {}

#[background(timeout = 1m 30s)]
async fn without_quotes() {}

#[background(timeout = "5s",, name = "x")]
async fn two_commas() {}

#[background(timeout = "5s", detached::name = "x")]
async fn path() {}

fn main() {}
