//! What cannot be stored, on the parameter that asks for it.

use std::borrow::Cow;
use std::fmt::Display;

use detached::background;

#[background(durable = "mail", timeout = "5s")]
async fn borrows(_text: &str, _lasting: &'static str, _words: Vec<&str>, _either: Cow<'_, str>, _changes: &mut String) {}

#[background(durable = "mail", timeout = "5s")]
async fn opaque(_text: impl Display, _several: Vec<impl Display>) {}

#[background(durable = "mail", timeout = "5s")]
async fn unnamed((_a, _b): (u8, u8), _: u8) {}

#[background(durable = "mail", timeout = "5s")]
async fn generic<'a, T, const N: usize>(_text: String) {}

#[background(durable = "mail", timeout = "5s")]
async unsafe fn dangerous(_text: String) {}

struct Mailer;

impl Mailer {
    #[background(durable = "mail", timeout = "5s")]
    async fn method(&self, _text: String) {}

    #[background(durable = "mail", timeout = "5s")]
    async fn owning(self, _text: String) {}
}

fn main() {
    // Their callers and their workers are right.
    let mut registry = detached::durable::Registry::new();
    let _ = registry.register::<borrows>();
    let _ = unnamed((1, 2), 3);
    let _ = generic::<u8, 1>(String::new());
}
