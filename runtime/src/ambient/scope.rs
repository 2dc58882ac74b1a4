//! `Scope`: a future that runs with a context or a supervisor in place.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use pin_project_lite::pin_project;

use super::state::{Current, Owner, current, replace_current, replace_owner};
use crate::context::Context;
use crate::supervisor::Supervisor;

impl Context {
    /// Runs `future` with this context in place: [`current`](Self::current) finds it there, on whatever thread.
    ///
    /// A nested scope covers this one while it lasts. A future that is spawned inside is not covered: a spawned
    /// task starts with no context, a background function with its own.
    ///
    /// ```
    /// # use detached::Context;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let context = Context::new().with("user_id", 7_u64);
    /// let user = context.scope(async { Context::current().get::<u64>("user_id") }).await;
    /// assert_eq!(user, Ok(7));
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        Scope::new(Scoped::Context(self.clone()), future)
    }
}

impl Supervisor {
    /// Runs `future` with this supervisor in place: the calls made in it belong to this supervisor.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = detached::Supervisor::new();
    /// supervisor.scope(async { ping().await }).await.unwrap();
    /// assert_eq!(supervisor.counts().completed, 1);
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        Scope::new(Scoped::Supervisor(self.clone()), future)
    }
}

pin_project! {
    /// A future that runs with a context or a supervisor in place; made by
    /// [`Context::scope`](crate::Context::scope) and [`Supervisor::scope`](crate::Supervisor::scope).
    ///
    /// The scope is in place while the future is polled and while it is dropped, and nowhere else.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let context = detached::Context::new().with("user_id", 7_u64);
    /// let scope = context.scope(async { detached::Context::current().get::<u64>("user_id") });
    /// assert_eq!(scope.await, Ok(7));
    /// # }
    /// ```
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Scope<F> {
        scoped: Scoped,
        // An option, so that the drop can run it in the scope.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Scope<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.scoped.run(|| this.future.set(None));
        }
    }
}

/// What a [`Scope`] puts in place.
enum Scoped {
    Context(Context),
    Supervisor(Supervisor),
}

impl Scoped {
    fn run<R>(&self, run: impl FnOnce() -> R) -> R {
        match self {
            Self::Context(context) => {
                let _restore = RestoreCurrent(replace_current(Current::Context(context.clone())));
                run()
            }
            Self::Supervisor(supervisor) => {
                // A task's context is found through its own supervisor, so it is made before another one covers it.
                current();
                let _restore = RestoreOwner(replace_owner((Some(supervisor.clone()), None)));
                run()
            }
        }
    }
}

struct RestoreCurrent(Current);

impl Drop for RestoreCurrent {
    fn drop(&mut self) {
        drop(replace_current(mem::take(&mut self.0)));
    }
}

struct RestoreOwner(Owner);

impl Drop for RestoreOwner {
    fn drop(&mut self) {
        drop(replace_owner(mem::take(&mut self.0)));
    }
}

impl<F> Scope<F> {
    fn new(scoped: Scoped, future: F) -> Self {
        Self { scoped, future: Some(future) }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future.as_pin_mut().expect("set until the drop");
        this.scoped.run(|| future.poll(cx))
    }
}
