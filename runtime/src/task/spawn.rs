//! Hands a task over to tokio: with its name, where tokio takes one.

use std::future::Future;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::failed::Failed;
use crate::function::Function;

#[cfg(not(all(tokio_unstable, feature = "tokio-console")))]
pub(super) fn spawn<T, F>(runtime: &Handle, _: &Function, run: F) -> JoinHandle<F::Output>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Failed>> + Send + 'static,
{
    runtime.spawn(run)
}

/// tokio takes a name only where its unstable interface and its `tracing` feature are on.
#[cfg(all(tokio_unstable, feature = "tokio-console"))]
#[track_caller]
pub(super) fn spawn<T, F>(runtime: &Handle, function: &Function, run: F) -> JoinHandle<F::Output>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Failed>> + Send + 'static,
{
    use crate::context::Cause;
    use crate::outcome::TaskError;

    match tokio::task::Builder::new().name(function.name).spawn_on(run, runtime) {
        Ok(handle) => handle,
        // A run that tokio drops has reported this outcome.
        Err(_) => runtime.spawn(async { Err(TaskError::Cancelled(Cause::RuntimeStopped).into()) }),
    }
}
