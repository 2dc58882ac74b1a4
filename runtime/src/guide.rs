//! Longer answers than an item's documentation has room for.
//!
//! - [`context`]: what a task knows of its request, compared with Go's remedies for the same problem

pub mod context;
