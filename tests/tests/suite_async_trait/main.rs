//! What the public tests of `async-trait` say of async methods, said of background functions in traits and in
//! implementations. A trait declares what callers see: a function that returns a task.
//!
//! Refused, each with a message of its own, and shown among the messages: `&mut self`; a receiver or a parameter that
//! borrows with a lifetime of the type's (`Str<'a>`), for a task may outlive it; a body that is not `Send`, for the
//! runtime may move a task; a method without a body. Left out: what needs a nightly compiler.
#![allow(dead_code, clippy::needless_arbitrary_self_type, clippy::needless_lifetimes, clippy::needless_return)]

mod bodies;
mod bounds;
mod drops;
mod methods;
mod parameters;
mod self_name;

// What is generated means the crate of that name, and not the `core` that each part has.
mod core {}

#[derive(Clone)]
struct Struct;
