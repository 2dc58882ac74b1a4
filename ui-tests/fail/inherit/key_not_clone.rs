use detached::{Key, background};

#[derive(Debug)]
struct Connection;

static CONNECTION: Key<Connection> = Key::new("connection");

#[background(timeout = "5s", inherit = [CONNECTION])]
async fn borrow() {}

fn main() {}
