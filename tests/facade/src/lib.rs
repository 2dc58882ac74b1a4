//! What the users of this crate need of `detached` and of its runtime, so that they depend on neither.

use std::future::Future;

/// Background work.
pub mod work {
    pub use detached::*;
}

/// Runs a program.
///
/// # Panics
///
/// When the system has no threads left.
pub fn run<F: Future>(program: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
    runtime.expect("a thread can be started").block_on(program)
}
