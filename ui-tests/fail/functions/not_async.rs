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
async fn in_part() -> (u8, Result<std::ffi::OsStr, dyn std::error::Error + Send>) {
    todo!()
}

#[background(timeout = "5s")]
async fn in_arrays(_: u8) -> Option<[Vec<dyn std::fmt::Debug>; 2]> {
    None
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

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[background(timeout = "5s")]
pub fn boxed_by_another_name(page: &str) -> BoxFuture<'static, Result<u8, String>> {
    let length = page.len();
    Box::pin(async move { Ok(length as u8) })
}

#[background(timeout = "5s")]
fn only_boxed() -> Box<dyn Future<Output = u8> + Send + Unpin> {
    Box::new(std::future::ready(5))
}

#[background(timeout = "5s")]
fn becomes_a_future() -> impl IntoFuture<Output = u8> {
    std::future::ready(5)
}

#[background(timeout = "5s")]
async fn that_becomes_a_future(page: u8) -> impl Send + std::future::IntoFuture<Output = u8> {
    std::future::ready(page)
}

#[background(timeout = "5s")]
fn task(page: &str, #[inherit] user: u8) -> detached::Task<()> {
    let length = page.len();
    detached::task("length").no_timeout().spawn(async move { println!("{length} {user}") })
}

fn main() {
    let _: detached::Task<Vec<u8>> = slice();
    let _: detached::Task<String> = text("");
    let _: detached::Task<usize> = future("");
    let _: detached::Task<Result<(), String>> = future_and_more();
    let _: detached::Task<Result<u8, String>> = future_of_a_future();
    let _: detached::Task<()> = future_of_nothing();
    let _ = object().name();
    let _: detached::Task<(u8, Result<std::ffi::OsString, Box<dyn std::error::Error + Send>>)> = in_part();
    let _: &str = in_arrays(5).name();
    let _ = (boxed_by_another_name(""), only_boxed());
    let _: [detached::Task<u8>; 2] = [becomes_a_future(), that_becomes_a_future(5)];
    let _: detached::Task<()> = task("");
}
