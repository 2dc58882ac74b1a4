//! What a plain `async fn` may not be either, or what a task can make nothing of.

use std::future::Future;
use std::pin::Pin;

use detached::background;

#[background(timeout = "5s")]
const async fn constant() {}

#[background(timeout = "5s")]
pub const async unsafe fn constant_and_unsafe() {}

#[background(timeout = "5s")]
async fn twice(page: u8, page: u16) {
    let _ = page;
}

#[background(timeout = "5s")]
async fn in_patterns((page, user): (u8, u8), [page, ..]: [u8; 2], user: &str) {
    let _ = (page, user);
}

#[background(timeout = "5s")]
async fn object() -> dyn std::fmt::Display {
    5
}

#[background(timeout = "5s")]
async fn object_in_parentheses(page: u8) -> (dyn Fn(&str) -> u8 + Send) {
    move |_| page
}

#[background(timeout = "5s")]
async fn slice() -> [u8] {
    vec![1]
}

#[background(timeout = "5s")]
async fn text(page: &str) -> str {
    page.to_owned()
}

#[background(timeout = "5s")]
fn future(page: &str) -> impl Future<Output = usize> {
    let length = page.len();
    async move { length }
}

#[background(timeout = "5s")]
pub fn future_and_more() -> impl Send + std::future::Future<Output = Result<(), String>> {
    async { Ok(()) }
}

#[background(timeout = "5s")]
async fn future_of_a_future() -> impl Future<Output = Result<u8, String>> {
    async { Ok(5) }
}

#[background(timeout = "5s")]
async fn future_of_nothing() -> (impl Future + Send) {
    async {}
}

#[background(timeout = "5s")]
fn boxed() -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(async { 5 })
}

fn main() {
    let _: detached::Task<Vec<u8>> = slice();
    let _: detached::Task<String> = text("");
    let _: detached::Task<usize> = future("");
    let _: detached::Task<Result<(), String>> = future_and_more();
    let _: detached::Task<Result<u8, String>> = future_of_a_future();
    let _: detached::Task<()> = future_of_nothing();
    let _ = object().name();
}
