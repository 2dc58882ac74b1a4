//! What runs a body to its outcome: the one future that is spawned for a task.
//!
//! It never panics and ends in exactly one outcome, whoever stops it. What depends on the body's type is the poll of
//! the body and the reading of its result; all else is in [`Frame`] and compiled once.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as PollContext, Poll};

use pin_project_lite::pin_project;

use super::failed::Failed;
use super::frame::Frame;
use super::telling::{Classify, Completion};
use crate::panics::{self, Panic};
use crate::roster::Verdict;

pin_project! {
    /// A task: the body, and the frame it runs in.
    pub(super) struct Run<B: Future> {
        frame: Frame,
        classify: Classify<B::Output>,
        // Gone once the task has its outcome.
        #[pin]
        body: Option<B>,
    }

    impl<B: Future> PinnedDrop for Run<B> {
        /// The runtime stopped, or had stopped before the call: that is an outcome too.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if !this.frame.has_ended() {
                let stop = this.frame.stop_with_runtime();
                let dropped = drop_body(this.frame, this.body.as_mut());
                this.frame.end_with_runtime(&stop, dropped);
            }
        }
    }
}

impl<B: Future> Run<B> {
    #[inline]
    pub(super) fn new(frame: Frame, classify: Classify<B::Output>, body: B) -> Self {
        Self { frame, classify, body: Some(body) }
    }
}

impl<B: Future> Future for Run<B> {
    type Output = Result<B::Output, Failed>;

    fn poll(self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (frame, classify) = (this.frame, *this.classify);
        let stop = match frame.before_poll(cx) {
            Verdict::Wait => return Poll::Pending,
            Verdict::Stop(stop) => stop,
            Verdict::Run => {
                let telling = frame.telling_inside();
                // Out of reach of a panic that comes after it, which would drop it as it unwinds.
                let mut returned = None;
                let polled = frame.inside(|| {
                    let Some(body) = this.body.as_mut().as_pin_mut() else { return Completion::None };
                    let Poll::Ready(value) = body.poll(cx) else { return Completion::None };
                    let value = returned.insert(value);
                    this.body.set(None);
                    // To tell an error by its type may run code of the type's, such as an `AsRef`.
                    if classify(value).is_some() { Completion::None } else { Completion::of(telling) }
                });
                match (polled, returned) {
                    (Ok(completion), Some(value)) => {
                        return Poll::Ready(frame.end_returned(value, classify, completion).map_err(Failed::from));
                    }
                    (Ok(_), None) => match frame.after_poll(cx) {
                        Verdict::Stop(stop) => stop,
                        Verdict::Run | Verdict::Wait => return Poll::Pending,
                    },
                    (Err(panic), returned) => {
                        // The body cannot be polled again; a second panic, of a drop, adds nothing to the first.
                        let _ = drop_body(frame, this.body.as_mut());
                        panics::drop_contained(returned);
                        return Poll::Ready(Err(frame.end_panicked(&panic).into()));
                    }
                }
            }
        };
        let dropped = drop_body(frame, this.body.as_mut());
        Poll::Ready(Err(frame.end_stopped(&stop, dropped).into()))
    }
}

fn drop_body<B>(frame: &mut Frame, mut body: Pin<&mut Option<B>>) -> Result<(), Panic> {
    frame.surely_inside(&mut || body.set(None))
}
