use std::rc::Rc;

use detached::background;

struct View<'a>(&'a str);

#[background(timeout = "5s")]
async fn hidden_lifetime(view: View) {
    let _ = view.0;
}

#[background(timeout = "5s")]
async fn not_send(value: Rc<str>) {
    let _ = value;
}

#[background(timeout = "5s")]
async fn generic<T>(value: T) {
    let _ = value;
}

#[background(timeout = "5s")]
async fn generic_not_static<T: Send>(value: T) {
    let _ = value;
}

#[background(timeout = "5s")]
async fn opaque_not_static(value: impl Send) {
    let _ = value;
}

#[background(timeout = "5s")]
async fn dynamically_sized(value: str) {
    let _ = value;
}

fn main() {}
