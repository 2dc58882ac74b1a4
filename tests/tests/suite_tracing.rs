//! What the public tests of `tracing-attributes` say of async functions, said of background functions: alone, and with
//! `#[instrument]` as in the original.
//!
//! Not here, because they are no `async fn`: functions that return `impl Future` or a boxed future. `#[background]` says
//! so, and asks for an `async fn`. `&mut self` is refused as well: a task may outlive what it borrows.
#![allow(clippy::suspicious_else_formatting)]

use std::convert::Infallible;
use std::task::Poll;

use detached::{Task, background};
use detached_tests::recording::{Recording, Step};
use tracing_attributes::instrument;

/// Ready at the poll after so many.
async fn after_polls(mut polls: usize) -> Result<(), ()> {
    std::future::poll_fn(move |context| {
        if polls == 0 {
            return Poll::Ready(Ok(()));
        }
        polls -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

#[background(timeout = "none")]
async fn waits(polls: usize) -> Result<(), ()> {
    let future = after_polls(polls);
    tracing::trace!(awaiting = true);
    future.await
}

#[tokio::test]
async fn the_span_is_entered_for_each_poll_and_left_after_it() {
    let recording = Recording::new();
    let guard = recording.set_default();
    waits(2).await.unwrap().unwrap();
    drop(guard);
    let steps = recording.steps();
    let entered = steps.iter().filter(|step| **step == Step::Enter("waits")).count();
    let left = steps.iter().filter(|step| **step == Step::Exit("waits")).count();
    assert_eq!(entered, left);
    assert!(entered >= 3, "{steps:?}");
    assert!(!recording.span("waits").is_open);
    let event = recording.events().into_iter().find(|event| event.field("awaiting").is_some()).unwrap();
    assert_eq!(event.span, Some("waits"));
}

#[background(timeout = "1m")]
#[instrument]
async fn opaque(bound: i32) -> Result<impl Iterator<Item = i32>, ()> {
    Ok((0..10).filter(move |number| *number < bound))
}

#[instrument(err)]
#[background(timeout = "1m")]
async fn opaque_with_an_error(bound: i32) -> Result<impl Iterator<Item = i32>, &'static str> {
    Ok((0..10).filter(move |number| *number < bound))
}

#[instrument(ret, err)]
#[background(timeout = "1m")]
async fn that_cannot_fail() -> Result<(), Infallible> {
    Ok(())
}

#[tokio::test]
async fn opaque_results() {
    assert_eq!(opaque(2).await.unwrap().unwrap().count(), 2);
    assert_eq!(opaque_with_an_error(3).await.unwrap().unwrap().count(), 3);
    assert_eq!(that_cannot_fail().await.unwrap(), Ok(()));
}

#[background(timeout = "1m")]
#[instrument]
async fn empty() {}

#[instrument]
#[background(timeout = "1m")]
async unsafe fn empty_and_unsafe() {}

#[deny(unused_variables)]
#[allow(clippy::mixed_attributes_style)]
#[background(timeout = "1m")]
#[instrument]
async fn inner_attributes() {
    #![allow(unused_variables)]
    let unused = 42;
}

#[deny(clippy::suspicious_else_formatting, unused_braces)]
#[background(timeout = "1m")]
#[instrument]
#[rustfmt::skip]
async fn a_condition_on_lines_of_its_own(condition: bool) -> String {
    format!(
        "{}",
        if condition { "true" } else { "false" }
    )
}

#[deny(clippy::suspicious_else_formatting)]
#[background(timeout = "1m")]
async fn only_comments() {
    // if
    // else
}

#[tokio::test]
async fn bodies_of_all_kinds() {
    empty().await.unwrap();
    // SAFETY: there is nothing to keep.
    unsafe { empty_and_unsafe() }.await.unwrap();
    inner_attributes().await.unwrap();
    assert_eq!(a_condition_on_lines_of_its_own(true).await.unwrap(), "true");
    only_comments().await.unwrap();
}

#[tokio::test]
async fn a_task_in_a_task() {
    #[background(timeout = "1m", trace = "child")]
    async fn outer() {
        inner().await.unwrap();
    }

    #[background(timeout = "1m", trace = "child")]
    async fn inner() {
        tracing::trace!(nested = true);
    }

    let recording = Recording::new();
    let guard = recording.set_default();
    outer().await.unwrap();
    drop(guard);
    assert_eq!(recording.span("inner").parent, Some("outer"));
    let event = recording.events().into_iter().find(|event| event.field("nested").is_some()).unwrap();
    assert_eq!(event.span, Some("inner"));
}

trait Counts {
    fn add(&self, value: usize) -> Task<usize>;
    fn type_name(&self) -> Task<&'static str>;
}

#[derive(Clone, Debug)]
struct Count(usize);

impl Count {
    fn base(&self) -> usize {
        self.0
    }
}

impl Counts for Count {
    #[background(timeout = "1m")]
    #[instrument(fields(base = self.base(), copy = Self::clone(self).base(), test = %_value + 5))]
    async fn add(&self, _value: usize) -> usize {
        self.base() + _value
    }

    #[instrument(fields(Self = std::any::type_name::<Self>()))]
    #[background(timeout = "1m")]
    async fn type_name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }
}

#[tokio::test]
async fn expressions_of_fields_see_self() {
    let recording = Recording::new();
    let guard = recording.set_default();
    assert_eq!(Count(42).add(5).await.unwrap(), 47);
    assert_eq!(Count(42).type_name().await.unwrap(), std::any::type_name::<Count>());
    drop(guard);
    let own: Vec<_> = recording.spans().into_iter().filter(|span| span.parent == Some(span.name)).collect();
    assert_eq!(own[0].field("base"), Some("42"));
    assert_eq!(own[0].field("copy"), Some("42"));
    assert_eq!(own[0].field("test"), Some("10"));
    assert_eq!(own[1].field("Self"), Some(std::any::type_name::<Count>()));
}
