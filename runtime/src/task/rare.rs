//! What few tasks have: in a box of its own, so that the others carry a null.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::context::{Carried, Cause, Origin};
use crate::panics::{self, Panic};
use crate::roster::{Stop, time_driver};
use crate::supervisor::Place;
use crate::telemetry::TaskTrace;

/// What few tasks have.
pub(super) struct Rare {
    /// Under a subscriber.
    pub(super) trace: Option<TaskTrace>,
    /// Of a function with a `limit`.
    pub(super) place: Option<Place>,
    /// Of a function with `origin = "follow"`: ready once the origin is cancelled. And of a call whose runtime could not be
    /// asked for timers: ready where there are none.
    pub(super) stops: Option<Stops>,
    /// Of a function that inherits by a carrier with a place of its own.
    pub(super) carried: Carried,
}

/// Ready once the task is to stop, for a reason that it has to look for itself.
type Stops = Pin<Box<dyn Future<Output = Stop> + Send>>;

impl Rare {
    pub(super) fn new(
        trace: Option<TaskTrace>,
        place: Option<Place>,
        follow: Option<Origin>,
        asks_for_timers: bool,
        carried: Carried,
    ) -> Option<Box<Self>> {
        let stops = if follow.is_some() || asks_for_timers { Some(stops(follow, asks_for_timers)) } else { None };
        if trace.is_none() && place.is_none() && stops.is_none() && carried.is_empty() {
            return None;
        }
        Some(Box::new(Self { trace, place, stops, carried }))
    }

    /// Runs user code under the task's subscriber, in its span and its carriers' places, and catches its panics.
    pub(super) fn inside<R>(&mut self, run: impl FnOnce() -> R) -> Result<R, Panic> {
        let Self { trace, carried, .. } = self;
        let run = || carried.around(run);
        match trace {
            None => panics::catch(run),
            Some(trace) => trace.run(run),
        }
    }
}

fn stops(follow: Option<Origin>, asks_for_timers: bool) -> Stops {
    Box::pin(async move {
        // Before the first poll of the body, which could wait for no deadline.
        if asks_for_timers && time_driver::ask(&Handle::current()) == Some(false) {
            return Stop::TimedOut;
        }
        let Some(origin) = follow else { return pending().await };
        origin.cancelled().await;
        Stop::Cancelled(Arc::new(origin.cause().unwrap_or(Cause::Completed)))
    })
}
