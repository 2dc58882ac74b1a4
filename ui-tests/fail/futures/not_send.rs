use std::rc::Rc;

use detached::background;

#[background(timeout = "5s")]
async fn across_an_await() {
    let local = Rc::new(5);
    std::future::ready(()).await;
    let _ = local;
}

fn main() {}
