//! What an `impl Trait` borrows has no name for the compiler, which is not a second mistake.

use std::borrow::Cow;
use std::fmt::Debug;

use detached::background;

#[background(timeout = "5s")]
async fn items(pages: impl Iterator<Item = &str>) {
    let _ = pages;
}

#[background(timeout = "5s")]
async fn lifetime<T: Send + 'static>(page: Box<impl Debug + '_>, other: &T) {
    let _ = (page, other);
}

#[background(timeout = "5s")]
async fn inside<'a>(pages: &impl Into<Cow<'_, str>>, count: impl Into<Option<(&u8, &'a u8)>>, f: impl Fn(&str) -> &str) {
    let _ = (pages, count, f);
}

struct Pages;

impl Pages {
    #[background(timeout = "5s")]
    async fn method(self, all: [impl AsRef<[&str]>; 2]) {
        let _ = all;
    }
}

fn callers() {
    let (page, number) = (String::new(), 5);
    items([page.as_str()].into_iter());
    lifetime(Box::new(&page), &number);
    inside(&page.as_str(), (&number, &number), str::trim);
    Pages.method([[page.as_str()], [""]]);
}

fn main() {}
