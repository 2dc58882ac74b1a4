//! Panics of what is not ours: caught at a boundary, told with their own place, and asked for where tokio answers by one.
//!
//! Uses nothing but `line`.

mod ask;
mod catch;
mod hook;
mod notes;
mod panic;

pub(crate) use ask::ask;
pub(crate) use catch::{catch, drop_contained};
pub(crate) use hook::{await_extension, extend_hook};
pub use panic::Panic;
