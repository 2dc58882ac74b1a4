use detached::background;

#[background]
async fn bare() {}

#[background()]
async fn empty() {}

#[background(name = "x")]
async fn others() {}

fn main() {}
