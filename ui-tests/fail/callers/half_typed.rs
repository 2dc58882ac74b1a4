//! Only the compiler speaks.

use detached::background;

#[background(timeout = "5s")]
async fn half_typed(page: &str) -> usize {
    let length = ;
    page.
}

fn main() {
    half_typed("/");
}
