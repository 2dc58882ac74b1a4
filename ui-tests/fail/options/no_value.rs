use detached::background;

#[background(timeout)]
async fn no_equals() {}

#[background(timeout =)]
async fn no_value() {}

#[background(timeout =, name = "x")]
async fn no_value_before_a_comma() {}

#[background(timeout("5s"))]
async fn parentheses() {}

#[background(timeout: "5s")]
async fn colon() {}

#[background(timeout = "5s", inherit("user_id"))]
async fn list_in_parentheses() {}

fn main() {}
