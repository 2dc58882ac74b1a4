//! What the body is lent is the task's own, and lasts as long as the task and no longer.

use detached::background;

#[background(timeout = "5s")]
async fn spawned(page: &str) {
    tokio::spawn(async move { println!("{page}") });
}

#[background(timeout = "5s")]
async fn blocking(page: &str, rows: &[u8]) {
    let last = rows.last();
    tokio::task::spawn_blocking(move || println!("{page} {last:?}"));
}

#[derive(Clone)]
struct Store(String);

impl Store {
    #[background(timeout = "5s")]
    async fn in_a_thread(&self) {
        std::thread::spawn(|| println!("{}", self.0));
    }

    #[background(timeout = "5s")]
    async fn kept(&self, mut all: Vec<&'static str>) {
        all.push(&self.0);
    }
}

#[background(timeout = "5s")]
async fn in_a_pattern([first, ..]: &[String; 2], (owned, _): (String, u8)) {
    tokio::spawn(async { println!("{first} {owned}") });
}

fn main() {}
