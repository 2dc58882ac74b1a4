//! What other handles are asked for.

use detached::background;

#[background(timeout = "5s")]
async fn rows(page: &str) -> usize {
    page.len()
}

fn abort() {
    rows("/").abort();
}

fn abort_handle() {
    let handle = rows("/").abort_handle();
}

fn join() -> Result<usize, detached::TaskError> {
    rows("/").join()
}

fn unwrap() {
    let task = rows("/");
    let _: usize = task.unwrap();
}

fn expect() {
    rows("/").expect("it counts");
}

async fn question_mark() -> Result<usize, detached::TaskError> {
    Ok(rows("/")?)
}

fn main() {}
