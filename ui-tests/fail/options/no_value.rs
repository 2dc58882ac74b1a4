use detached::background;

#[background(timeout)]
async fn no_equals() {}

#[background(timeout =)]
async fn no_value() {}

#[background(timeout =, name = "x")]
async fn no_value_before_a_comma() {}

#[background(timeout())]
async fn empty_parentheses() {}

#[background(timeout:)]
async fn colon() {}

#[background(timeout = "5s", limit)]
async fn at_the_end() {}

fn main() {}
