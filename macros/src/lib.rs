//! The `#[background]` attribute of the `detached` crate; use it through that crate.
