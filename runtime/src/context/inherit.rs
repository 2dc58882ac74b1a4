//! Carriers: what can be listed in `inherit`, captured at the call and put in place around the task.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as PollContext, Poll};

use pin_project_lite::pin_project;
use tokio::task::LocalKey;

use super::context::Context;
use super::key::Key;
use super::value::{Named, ValueError};
use super::values::Snapshot;

/// A carrier: something a task can inherit from where it was called.
///
/// It captures a value at the call, in the caller, and puts it in place around the task's future. [`Key`] is one, a
/// `tokio::task_local!` static is one, a name (`&'static str`) is one; implement the trait for a thread-bound state of
/// another library, such as an error tracker's hub.
///
/// ```
/// use detached::{background, Capture, Inherit, ValueError};
/// use std::future::Future;
///
/// tokio::task_local! { static LOCALE: &'static str; }
///
/// /// Carries the locale, and falls back to English.
/// struct Locale;
///
/// impl Inherit for Locale {
///     type Captured = &'static str;
///
///     fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<&'static str>, ValueError> {
///         Ok(Some(LOCALE.try_with(|locale| *locale).unwrap_or("en")))
///     }
///
///     fn apply<F>(&'static self, locale: &'static str, task: F) -> impl Future<Output = F::Output> + Send + 'static
///     where
///         F: Future + Send + 'static,
///         F::Output: Send,
///     {
///         LOCALE.scope(locale, task)
///     }
/// }
///
/// static LOCALE_OF_CALLER: Locale = Locale;
///
/// #[background(timeout = "5s", inherit = [LOCALE_OF_CALLER])]
/// async fn greet() -> &'static str {
///     LOCALE.get()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(LOCALE.scope("fr", async { greet().await }).await, Ok("fr"));
/// assert_eq!(greet().await, Ok("en"));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inherited by a task",
    label = "this is no carrier",
    note = "list a name (`\"user_id\"`), a `static` of type `detached::Key<T>`, or a `tokio::task_local!` whose type \
            is `Clone + Send`",
    note = "or implement `detached::Inherit` for the type"
)]
pub trait Inherit: Sync + 'static {
    /// What is carried from the call to the task.
    type Captured: Send + 'static;

    /// The name of the value, in the messages that say it is missing and as a field of the task's span and events.
    /// `None`, the default, for a carrier that puts nothing into the task's context. A panic rejects the call.
    fn name(&self) -> Option<&'static str> {
        None
    }

    /// Takes the value from where the call is made; `Ok(None)` when there is none, which rejects the call unless the
    /// carrier is listed as `KEY?`. A panic rejects the call.
    ///
    /// # Errors
    ///
    /// [`ValueError::WrongType`] when what is there is of another type: the call is rejected.
    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<Self::Captured>, ValueError>;

    /// Puts the value in place around the task's future: before each poll, and restored after it by a drop guard, so
    /// that a panic restores it too. Called in the task, before its body is first polled; a panic ends the task.
    fn apply<F>(&'static self, captured: Self::Captured, task: F) -> impl Future<Output = F::Output> + Send + 'static
    where
        F: Future + Send + 'static,
        F::Output: Send;

    /// Puts what was captured, if anything was, around the task. For generated code: as a method of this trait it is
    /// silent where a `static` that is no carrier is listed, which the capture has said already.
    #[doc(hidden)]
    fn __around<F>(
        &'static self,
        captured: Option<Self::Captured>,
        task: F,
    ) -> impl Future<Output = F::Output> + Send + 'static
    where
        Self: Sized,
        F: Future + Send + 'static,
        F::Output: Send,
    {
        // With the first poll: `apply` is user code, and in the task its panic is an outcome.
        match captured {
            Some(value) => {
                Around::Captured { parts: Some((self, value, task)), apply: Self::apply::<F>, applied: PhantomData }
            }
            None => Around::Plain { task },
        }
    }
}

/// What a carrier sees of a call: the caller's context, and the snapshot that the task will have.
///
/// ```
/// # use detached::{Capture, ValueError};
/// fn capture_user(call: &mut Capture<'_>) -> Result<Option<()>, ValueError> {
///     Ok(call.carry("user_id").then_some(()))
/// }
/// ```
pub struct Capture<'a> {
    pub(crate) origin: Option<&'a Context>,
    pub(crate) snapshot: &'a mut Snapshot,
}

impl Capture<'_> {
    /// The context the call is made in; `None` where there is none.
    ///
    /// ```
    /// # use detached::Capture;
    /// fn is_in_request(call: &Capture<'_>) -> bool { call.origin().is_some() }
    /// ```
    #[must_use]
    pub fn origin(&self) -> Option<&Context> {
        self.origin
    }

    /// Copies the value named `name` from the origin into the task's context; `false` when there is none.
    ///
    /// ```
    /// # use detached::Capture;
    /// fn carry_user(call: &mut Capture<'_>) -> bool { call.carry("user_id") }
    /// ```
    #[inline]
    pub fn carry(&mut self, name: &str) -> bool {
        self.find(name).is_some_and(|value| {
            self.add(value);
            true
        })
    }

    #[inline]
    fn find(&self, name: &str) -> Option<Arc<Named>> {
        self.origin.and_then(|origin| origin.find(name))
    }

    #[inline]
    fn add(&mut self, value: Arc<Named>) {
        if self.snapshot.iter().all(|held| held.name() != value.name()) {
            self.snapshot.push(value);
        }
    }
}

/// Carries the value of that name.
impl Inherit for &'static str {
    type Captured = ();

    fn name(&self) -> Option<&'static str> {
        Some(self)
    }

    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<()>, ValueError> {
        Ok(call.carry(self).then_some(()))
    }

    fn apply<F>(&'static self, (): (), task: F) -> impl Future<Output = F::Output> + Send + 'static
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        task
    }
}

/// Carries the value of the key's name, and insists on its type.
// The bounds of a key's values are `Key::new`'s: a type that lacks one is told so there, once.
impl<T: 'static> Inherit for Key<T> {
    type Captured = ();

    fn name(&self) -> Option<&'static str> {
        Some(Key::name(self))
    }

    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<()>, ValueError> {
        let Some(value) = call.find(Key::name(self)) else { return Ok(None) };
        value.expect_type::<T>()?;
        call.add(value);
        Ok(Some(()))
    }

    fn apply<F>(&'static self, (): (), task: F) -> impl Future<Output = F::Output> + Send + 'static
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        task
    }
}

/// Carries a `tokio::task_local!`: the task finds in it what the caller had. tokio gives it no name, so it is not shown.
impl<T: Clone + Send + 'static> Inherit for LocalKey<T> {
    type Captured = T;

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<T>, ValueError> {
        Ok(self.try_with(T::clone).ok())
    }

    fn apply<F>(&'static self, value: T, task: F) -> impl Future<Output = F::Output> + Send + 'static
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        self.scope(value, task)
    }
}

pin_project! {
    /// An enum, so that the body has one place in the task, whichever carrier is around it.
    #[project = AroundPinned]
    enum Around<P, M, A, F> {
        Captured { parts: Option<P>, apply: M, applied: PhantomData<A> },
        Applied { #[pin] task: A },
        Plain { #[pin] task: F },
    }
}

impl<K, M, A, F> Future for Around<(&'static K, K::Captured, F), M, A, F>
where
    K: Inherit,
    M: Fn(&'static K, K::Captured, F) -> A,
    A: Future,
    F: Future<Output = A::Output>,
{
    type Output = A::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<A::Output> {
        loop {
            let applied = match self.as_mut().project() {
                AroundPinned::Applied { task } => return task.poll(cx),
                AroundPinned::Plain { task } => return task.poll(cx),
                AroundPinned::Captured { parts, apply, .. } => {
                    let (carrier, value, body) = parts.take().expect("applied with the first poll");
                    apply(carrier, value, body)
                }
            };
            self.set(Self::Applied { task: applied });
        }
    }
}
