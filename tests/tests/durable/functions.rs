//! The functions under test.

use std::sync::{Arc, Mutex};

use detached::{Context, background};
use serde::{Deserialize, Serialize};

/// What the functions saw, for the test to look at.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    pub fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mail {
    pub to: String,
    pub copies: u32,
}

impl Mail {
    pub fn to(to: &str) -> Self {
        Self { to: to.to_owned(), copies: 1 }
    }
}

#[background(durable = "mail", timeout = "30s", alias = ["shop::mail"])]
pub async fn send(mail: Mail, urgent: Option<bool>, #[state] seen: Seen) -> Result<(), std::io::Error> {
    let attempt: u32 = Context::current().get("attempt").unwrap();
    seen.note(format!("{}, urgent: {urgent:?}, attempt {attempt}", mail.to));
    if mail.to.is_empty() { Err(std::io::Error::other("no address")) } else { Ok(()) }
}

#[background(durable = "mail", timeout = "30s", attempts = 2, backoff = "7s")]
pub async fn hang() {
    std::future::pending().await
}

#[background(durable = "mail", timeout = "30s", attempts = 1)]
pub async fn explode() {
    panic!("as it is to")
}

#[background(durable = "mail", timeout = "30s")]
pub async fn withdraw() {
    Context::current().cancel("nobody wants it any more");
    std::future::pending().await
}

/// What neither writes nor reads itself.
#[derive(Debug)]
pub struct Stubborn(pub bool);

impl Serialize for Stubborn {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        assert!(!self.0, "will not be written");
        Err(serde::ser::Error::custom("cannot be written"))
    }
}

impl<'de> Deserialize<'de> for Stubborn {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("will not be read")
    }
}

impl Drop for Stubborn {
    fn drop(&mut self) {
        panic!("will not go");
    }
}

#[background(durable = "mail", timeout = "30s")]
pub async fn refuse(stubborn: Stubborn) {
    drop(stubborn);
}
