//! A task does not run a future that it returns, in a box either.

use std::future::Future;
use std::pin::Pin;

use detached::background;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[background(timeout = "5s")]
async fn written_out(page: String) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(async move { page.len() })
}

#[background(timeout = "5s")]
async fn by_name(page: String) -> BoxFuture<'static, usize> {
    Box::pin(async move { page.len() })
}

#[background(timeout = "5s")]
async fn not_pinned() -> Box<dyn Future<Output = ()> + Send + Unpin> {
    Box::new(std::future::ready(()))
}

#[background(timeout = "5s")]
async fn borrowed(page: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
    Box::pin(async move { page.len() })
}

#[background(timeout = "5s")]
async fn local() -> Box<dyn Future<Output = Vec<u8>>> {
    Box::new(async { Vec::new() })
}

struct Site;

impl Site {
    #[background(timeout = "5s")]
    async fn method(&self) -> futures::LocalBoxFuture<'_, u8> {
        Box::pin(async move { 5 })
    }
}

mod futures {
    pub type LocalBoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + 'a>>;
}

#[background(timeout = "5s")]
async fn early(page: String) -> BoxFuture<'static, usize> {
    if page.is_empty() {
        return Box::pin(async { 0 });
    }
    Box::pin(async move { page.len() })
}

// What callers do with the value they will have is right.
async fn calls() {
    let _: Result<usize, _> = by_name("a".to_owned()).await;
}

fn main() {}
