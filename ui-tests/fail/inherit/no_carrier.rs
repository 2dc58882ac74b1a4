use detached::background;

static NUMBER: u8 = 5;

#[background(timeout = "5s", inherit = [NUMBER])]
async fn no_carrier() {}

#[background(timeout = "5s", inherit = [MISSING])]
async fn no_such_static() {}

fn main() {}
