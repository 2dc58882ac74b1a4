//! Only the compiler speaks.

use detached::background;

#[background(timeout = "5s")]
async fn half_typed(page: &str) -> usize {
    let length = ;
    page.
}

#[derive(Clone)]
struct Db;

impl Db {
    #[background(timeout = "5s")]
    async fn method(&self) {
        self.
    }
}

fn main() {
    half_typed("/");
    Db.method();
}
