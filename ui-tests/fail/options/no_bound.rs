//! A waived bound has one spelling, and who looks for it finds it.

use detached::background;

#[background(timeout = "never")]
async fn never() {}

#[background(timeout = "off")]
async fn off() {}

#[background(timeout = None)]
async fn option() {}

#[background(timeout = none)]
async fn word() {}

#[background(timeout = " none")]
async fn white_space() {}

#[background(timeout = "Unlimited")]
async fn capital() {}

#[background(timeout = false)]
async fn boolean() {}

#[background(timeout = Option::None)]
async fn path() {}

#[background(timeout = "5s", grace = "none")]
async fn grace() {}

#[background(timeout = "5s", limit = 1, overflow = "wait", start_timeout = "infinite")]
async fn start_timeout() {}

fn main() {}
