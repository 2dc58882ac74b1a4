//! `Scope`: a future that runs with a context or a supervisor in place.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::state::Cover;
use crate::context::Context;
use crate::supervisor::Supervisor;

impl Context {
    /// Runs a future, or a stream, with this context in place: [`current`](Self::current) finds it there, on whatever
    /// thread. The supervisor that the context knows, if any, is in place too.
    ///
    /// It takes a `futures_core::Stream` as well, such as the body of a streamed answer, and with the feature `tower` an
    /// `http_body::Body`: each poll, and the drop, is in the scope.
    ///
    /// A nested scope covers this one while it lasts. A future that is spawned inside is not covered: a spawned
    /// task starts with no context, a background function with its own. Only what is polled is covered: in
    /// `context.scope(record_visit(..))` the call itself is made before the scope begins; write
    /// `context.scope(async { record_visit(..) })` or [`in_scope`](Self::in_scope).
    ///
    /// ```
    /// # use detached::Context;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let context = Context::new().with("user_id", 7_u64);
    /// let user = context.scope(async { Context::current().get::<u64>("user_id") }).await;
    /// assert_eq!(user, Ok(7));
    /// # }
    /// ```
    pub fn scope<F>(&self, future: F) -> Scope<F> {
        Scope::new(self.cover(), future)
    }

    /// Runs a closure with this context in place, and with the supervisor that it knows, if any: for synchronous code,
    /// such as a callback, a `Drop`, a thread of one's own.
    ///
    /// # Panics
    ///
    /// With the closure's own panic, once what stood there is back in place.
    ///
    /// ```
    /// # use detached::Context;
    /// let context = Context::new().with("user_id", 7_u64);
    /// let user = std::thread::spawn(move || context.in_scope(|| Context::current().get::<u64>("user_id")));
    /// assert_eq!(user.join().unwrap(), Ok(7));
    /// ```
    pub fn in_scope<R>(&self, run: impl FnOnce() -> R) -> R {
        run_under(&mut self.cover(), run)
    }

    /// The context, with the supervisor that it knows.
    fn cover(&self) -> Cover {
        Cover::of(Some(self.clone()), self.owner().and_then(Supervisor::of_owner))
    }
}

impl Supervisor {
    /// Runs a future, or a stream, with this supervisor in place: the calls made in it belong to this supervisor, unless
    /// a context that knows another one is put in place inside.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = detached::Supervisor::new();
    /// supervisor.scope(async { ping().await }).await.unwrap();
    /// assert_eq!(supervisor.counts().completed, 1);
    /// # }
    /// ```
    pub fn scope<F>(&self, future: F) -> Scope<F> {
        Scope::new(self.cover(), future)
    }

    /// Runs a closure with this supervisor in place: the calls made in it belong to this supervisor.
    ///
    /// # Panics
    ///
    /// With the closure's own panic, once what stood there is back in place.
    ///
    /// ```
    /// # #[detached::background(timeout = "5s")] async fn ping() {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let supervisor = detached::Supervisor::new();
    /// supervisor.in_scope(|| ping()).await.unwrap();
    /// assert_eq!(supervisor.counts().completed, 1);
    /// # }
    /// ```
    pub fn in_scope<R>(&self, run: impl FnOnce() -> R) -> R {
        run_under(&mut self.cover(), run)
    }

    fn cover(&self) -> Cover {
        Cover::of(None, Some(self.clone()))
    }
}

pin_project! {
    /// A future, a stream or a body that runs with a context or a supervisor in place; made by
    /// [`Context::scope`](crate::Context::scope) and [`Supervisor::scope`](crate::Supervisor::scope).
    ///
    /// The scope is in place while what it holds is polled and while it is dropped, and nowhere else.
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
        cover: Cover,
        // An option, so that the drop can run it in the scope.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for Scope<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            run_under(this.cover, || this.future.set(None));
        }
    }
}

/// Runs what a scope is around; what stood there is back when it ends, by a panic too.
fn run_under<R>(cover: &mut Cover, run: impl FnOnce() -> R) -> R {
    struct Lift<'a>(&'a mut Cover);

    impl Drop for Lift<'_> {
        fn drop(&mut self) {
            self.0.lift();
        }
    }

    cover.lay();
    let _lift = Lift(cover);
    run()
}

impl<F> Scope<F> {
    fn new(cover: Cover, future: F) -> Self {
        Self { cover, future: Some(future) }
    }

    /// With nothing in place but what is where it is polled.
    #[cfg(feature = "tower")]
    pub(crate) fn of_nothing(future: F) -> Self {
        Self::new(Cover::of(None, None), future)
    }

    /// What is polled in the scope.
    pub(crate) fn inner(&self) -> &F {
        self.future.as_ref().expect("set until the drop")
    }

    /// Polls it, by whatever poll it has, with the scope in place.
    pub(crate) fn poll_with<R>(self: Pin<&mut Self>, poll: impl FnOnce(Pin<&mut F>) -> R) -> R {
        let this = self.project();
        let future = this.future.as_pin_mut().expect("set until the drop");
        run_under(this.cover, || poll(future))
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<F::Output> {
        self.poll_with(|future| future.poll(cx))
    }
}

impl<S: Stream> Stream for Scope<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Option<S::Item>> {
        self.poll_with(|stream| stream.poll_next(cx))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner().size_hint()
    }
}

impl<F> fmt::Debug for Scope<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("context", &self.cover.context())
            .field("supervisor", &self.cover.supervisor())
            .finish_non_exhaustive()
    }
}
