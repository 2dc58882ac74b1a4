//! It is asked once for all calls of a function, so it has nothing of any of them.

use detached::background;

const ROWS: u32 = 5;

#[background(timeout = "5s", limit = pages)]
async fn parameter(pages: usize) -> usize {
    pages
}

#[background(timeout = "5s", limit = rows.len().max(first), overflow = "wait")]
async fn of_patterns(rows: &[u8], (first, _): (usize, usize)) -> usize {
    rows.len() + first
}

#[derive(Clone)]
struct Store(usize);

impl Store {
    const LIMIT: usize = 5;

    #[background(timeout = "5s", limit = Self::LIMIT)]
    async fn of_the_type(&self) {
        let _ = self;
    }

    #[background(timeout = "5s", limit = self.0)]
    async fn of_the_receiver(&self) {
        let _ = self;
    }
}

#[background(timeout = "5s", limit = N + size_of::<T>())]
async fn generic<T: Send + 'static, const N: usize>(all: [T; N]) {
    let _ = all;
}

#[background(timeout = "5s", limit = ROWS)]
async fn another_integer() {}

#[background(timeout = "5s", limit = "10".parse())]
async fn result() {}

#[background(timeout = "5s", limit = -(1))]
async fn negative() {}

#[background(timeout = "5s", limit = missing(), level = "loud")]
async fn with_the_rest() {}

fn main() {}
