//! Synchronous code on tokio's blocking pool, with all that is in place where it is called.

use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::thread;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::ambient::{self, Surroundings};
use crate::context::Carried;
use crate::panics;
use crate::supervisor::Listed;
use crate::telemetry::TaskTrace;

/// Runs synchronous code on tokio's blocking pool, as [`tokio::task::spawn_blocking`] does, with all that is in place here.
///
/// The closure finds the context (the same one, not a copy), the supervisor and the tracing span that this is called in,
/// under the same subscriber; in a task, what its function's carriers put in place is captured anew and in place too. So
/// its calls inherit and belong to the supervisor as they would here. It may be called wherever a background function may:
/// in a task, in a request, or in neither.
///
/// ```
/// use detached::{Context, Key, background};
///
/// static USER_ID: Key<u64> = Key::new("user_id");
///
/// #[background(timeout = "5s")]
/// async fn store(thumbnail: Vec<u8>) {}
///
/// #[background(timeout = "30s", inherit = [USER_ID])]
/// async fn make_thumbnail(image: Vec<u8>) {
///     let made = detached::spawn_blocking(move || {
///         println!("resizing for {}", USER_ID.get());
///         for row in image.chunks(1024) {
///             // nothing else can stop it when the task's time is over
///             if Context::current().is_cancelled() {
///                 return None;
///             }
///         }
///         Some(image)
///     });
///     if let Ok(Some(thumbnail)) = made.await {
///         store(thumbnail);
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let request = Context::new().with(USER_ID, 7);
/// assert_eq!(request.scope(async { make_thumbnail(vec![0; 4096]).await }).await, Ok(()));
/// # }
/// ```
///
/// # What it does not do
///
/// - It is no call of a background function: it has no bound, no outcome and no event, and is in no
///   [`tasks`](crate::Supervisor::tasks) and no [`counts`](crate::Supervisor::counts). How it ended is what its handle says.
/// - **A closure that has begun can't be stopped.** A task that ends, by its `timeout` too, leaves it running: it can ask
///   [`Context::is_cancelled`](crate::Context::is_cancelled), which hears of the task's timeout, cancellation and drain, and return early.
///   [`JoinHandle::abort`] takes back one that has not begun.
/// - What is bound to the thread and is no carrier of the task does not come along, such as a `tokio::task_local!` that the
///   function does not list. A carrier that finds nothing to capture here is not in place there.
///
/// # At a drain
///
/// [`Supervisor::drain`](crate::Supervisor::drain) waits for a closure as it does for tasks, and admits the calls that it makes meanwhile. One
/// that still runs at the end is in [`abandoned`](crate::DrainReport::abandoned) as `spawn_blocking`, with the place where this was called;
/// while the task that it was started in is live, that task is named for it.
/// [`Supervisor::idle`](crate::Supervisor::idle) waits for it too, unless it was started in a resident that lives on.
///
/// # Which runtime
///
/// The closure runs on the pool of the runtime that this is called in; with [`runtime`](crate::SupervisorBuilder::runtime) on the
/// supervisor, of that one, and then this may be called outside of any.
///
/// # Panics
///
/// As tokio's: when it is called outside of a tokio runtime, and the supervisor was given none. With the panic of a carrier
/// of the task that panics while it captures.
///
/// A panic of the closure is no panic here: the handle gives it, as a [`JoinError`](tokio::task::JoinError).
///
/// # Cancellation
///
/// To drop the handle leaves the closure running.
#[track_caller]
pub fn spawn_blocking<F, R>(closure: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let supervisor = ambient::supervisor();
    let runtime = match supervisor.runtime() {
        Some(own) => own.clone(),
        None => Handle::current(),
    };
    let surroundings = Surroundings::here(&supervisor);
    let carried = Carried::anew(surroundings.context());
    let listed = supervisor.list(Location::caller(), surroundings.task());
    let work = Work { surroundings, trace: TaskTrace::of_caller(), carried, closure: Some(closure), _listed: listed };
    runtime.spawn_blocking(|| work.run())
}

/// A closure with all that is in place around it.
struct Work<F> {
    surroundings: Surroundings,
    trace: Option<TaskTrace>,
    carried: Carried,
    /// Gone once it has run.
    closure: Option<F>,
    /// The last to be dropped: who waits for the closure finds nothing left of it.
    _listed: Listed,
}

impl<F> Work<F> {
    fn run<R>(mut self) -> R
    where
        F: FnOnce() -> R,
    {
        let ended = self.inside(|closure| closure.take().map(|closure| closure()));
        drop(self);
        match ended {
            Ok(result) => result.expect("it has not run before"),
            // What stood on the thread is back by now; tokio gives the panic to the handle.
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Does what is to be done with the closure, where all of its surroundings are in place.
    fn inside<R>(&mut self, run: impl FnOnce(&mut Option<F>) -> R) -> thread::Result<R> {
        let Self { surroundings, trace, carried, closure, .. } = self;
        let run = || catch_unwind(AssertUnwindSafe(|| carried.around(|| run(closure))));
        surroundings.around(|| match trace {
            None => run(),
            Some(trace) => trace.around(run),
        })
    }
}

impl<F> Drop for Work<F> {
    /// What the closure holds goes where it would have run, if it never ran: its runtime has ended, or it was taken back.
    fn drop(&mut self) {
        if self.closure.is_some() {
            panics::drop_contained(self.inside(|closure| panics::drop_contained(closure.take())));
            // Where a carrier fails, without them.
            panics::drop_contained(self.closure.take());
        }
    }
}
