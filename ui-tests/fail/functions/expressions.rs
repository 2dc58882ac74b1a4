//! The compiler has its own word on attributes of expressions; what to write instead is ours.

use detached::background;

fn block() {
    #[background(timeout = "5s")]
    async { 5 };
}

fn closure() {
    let _ = #[background(timeout = "5s")] async |page: &str| page.len();
}

fn moving_closure() {
    #[background(timeout = "5s")]
    move |page: &str| async { page.len() };
}

fn variable() {
    #[background(timeout = "5s")]
    let task = async { 5 };
}

fn call() {
    #[background(timeout = "5s")]
    block();
}

fn main() {}
