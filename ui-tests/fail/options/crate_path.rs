use detached::background;

#[background(timeout = "5s", crate = ::facade::detached)]
async fn no_such_crate(page: &str) -> u8 {
    page.len() as u8
}

#[background(timeout = "5s", crate = detached::<u8>)]
async fn generic() {}

fn main() {}
