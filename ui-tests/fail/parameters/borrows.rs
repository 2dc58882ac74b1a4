use std::borrow::Cow;
use std::fmt::Display;

use detached::background;

#[background(timeout = "5s")]
async fn mutable(list: &mut Vec<u8>) {
    list.push(1);
}

#[background(timeout = "5s")]
async fn in_option(page: Option<&str>) {
    let _ = page;
}

#[background(timeout = "5s")]
async fn in_tuple((page, _): (&str, u8)) {
    let _ = page;
}

#[background(timeout = "5s")]
async fn in_slice(pages: &[&str]) {
    let _ = pages;
}

#[background(timeout = "5s")]
async fn in_cow(page: Cow<'_, str>) {
    let _ = page;
}

#[background(timeout = "5s")]
async fn named<'a>(page: std::slice::Iter<'a, u8>) {
    let _ = page;
}

#[background(timeout = "5s")]
async fn in_impl<'a>(page: impl Display + 'a) {
    let _ = page;
}

#[background(timeout = "5s")]
async fn object(page: &dyn Display) {
    let _ = page;
}

#[background(timeout = "5s")]
async fn in_a_map(pages: std::collections::HashMap<u8, (&str, String)>) {
    let _ = pages;
}

#[background(timeout = "5s")]
async fn guard(lock: std::sync::MutexGuard<'_, u8>) {
    let _ = lock;
}

#[background(timeout = "5s")]
async fn pinned(page: std::pin::Pin<&mut String>) {
    let _ = page;
}

#[background(timeout = "5s")]
async fn two(first: Vec<&mut [u8]>, second: Box<dyn Display + '_>) {
    let _ = (first, second);
}

fn main() {}
