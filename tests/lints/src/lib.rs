//! Functions that lints have something to say about, and functions that they have not: each is a background function under
//! `cfg(background)`, and a plain one else. What they do makes no sense.
//!
//! Nobody calls them here: a plain call gives a future and a background call a task, so their callers would differ.
#![cfg(twins)]

pub mod clean;
pub mod noticed;
