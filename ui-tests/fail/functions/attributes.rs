//! Another attribute that has nothing to do on a background function.

use detached::background;

#[background(timeout = "5s")]
#[async_recursion]
async fn countdown(from: u8) {
    if from > 0 {
        countdown(from - 1);
    }
}

#[background(timeout = "5s")]
#[async_recursion::async_recursion(?Send)]
async fn with_a_path() {}

fn main() {
    countdown(3);
}
