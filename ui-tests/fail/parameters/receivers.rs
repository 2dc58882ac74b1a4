use std::pin::Pin;

use detached::background;

#[derive(Clone)]
struct Db(u8);

impl Db {
    #[background(timeout = "5s")]
    async fn mutable(&mut self) {
        self.0 += 1;
    }

    #[background(timeout = "5s")]
    async fn mutable_typed(self: &mut Self) {
        self.0 += 1;
    }

    #[background(timeout = "5s")]
    async fn pinned(self: Pin<&Self>) -> u8 {
        self.0
    }
}

struct NotClone(u8);

impl NotClone {
    #[background(timeout = "5s")]
    async fn borrowed(&self) -> u8 {
        self.0
    }
}

fn main() {}
