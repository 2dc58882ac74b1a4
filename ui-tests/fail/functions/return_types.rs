use std::borrow::Cow;
use std::rc::Rc;

use detached::background;

#[background(timeout = "5s")]
async fn borrowed(page: &str) -> &str {
    page
}

#[background(timeout = "5s")]
async fn hidden(page: &str) -> Result<Cow<'_, str>, u8> {
    Ok(page.into())
}

#[background(timeout = "5s")]
async fn not_send() -> Rc<str> {
    "".into()
}

#[background(timeout = "5s")]
async fn error_not_send(page: &str) -> Result<usize, Box<dyn std::error::Error>> {
    Ok(page.parse()?)
}

#[background(timeout = "5s")]
async fn parameter_not_send<T: Default + 'static>() -> Vec<T> {
    Vec::new()
}

#[background(timeout = "5s")]
async fn opaque_not_send() -> impl std::fmt::Debug {
    std::ptr::null::<u8>()
}

#[background(timeout = "5s")]
async fn either(first: &str, second: &str) -> &str {
    if first.is_empty() { second } else { first }
}

#[background(timeout = "5s")]
async fn opaque<'a>(page: &'a str) -> impl Iterator<Item = &'a str> {
    page.lines()
}

#[background(timeout = "5s")]
async fn guard(lock: std::sync::Arc<std::sync::Mutex<u8>>) -> std::sync::MutexGuard<'_, u8> {
    todo!()
}

#[background(timeout = "5s")]
async fn wrong_type() -> u8 {
    "five"
}

#[background(timeout = "5s")]
async fn wrong_early_return(page: &str) -> Result<u8, std::num::ParseIntError> {
    if page.is_empty() {
        return 5;
    }
    Ok(page.parse()?)
}

fn main() {}
