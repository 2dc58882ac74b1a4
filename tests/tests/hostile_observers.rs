//! Whatever one of those who are told of a task does, the others are told of it, and its body runs.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use detached::{Observer, Outcome, OutcomeKind, Supervisor, TaskInfo, Trace};
use detached_tests::hooked::{Hooked, Told};
use detached_tests::recording::Recording;
use tracing::{dispatcher, info_span};

/// One who panics when it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The subscriber, told of a callsite.
    Register,
    /// The subscriber, told or asked anything else.
    Subscriber(Told),
    /// An observer that is told before the others, at a call, a start or an end.
    Observer(Moment),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Call,
    Start,
    End,
}

const SUBSCRIBERS: [Part; 11] = [
    Part::Register,
    Part::Subscriber(Told::Enabled),
    Part::Subscriber(Told::NewSpan),
    Part::Subscriber(Told::FollowsFrom),
    Part::Subscriber(Told::CurrentSpan),
    Part::Subscriber(Told::CloneSpan),
    Part::Subscriber(Told::EventEnabled),
    Part::Subscriber(Told::Event),
    Part::Subscriber(Told::Enter),
    Part::Subscriber(Told::Exit),
    Part::Subscriber(Told::TryClose),
];

const OBSERVERS: [Part; 3] = [Part::Observer(Moment::Call), Part::Observer(Moment::Start), Part::Observer(Moment::End)];

/// Each alone, and each observer beside each subscriber.
fn tables() -> Vec<Vec<Part>> {
    let alone = SUBSCRIBERS.into_iter().chain(OBSERVERS).map(|part| vec![part]);
    let both = OBSERVERS.into_iter().flat_map(|observer| SUBSCRIBERS.map(|subscriber| vec![observer, subscriber]));
    let all = [SUBSCRIBERS.as_slice(), OBSERVERS.as_slice()].concat();
    alone.chain(both).chain([all]).collect()
}

struct Hostile(Vec<Part>);

impl Hostile {
    fn at(&self, moment: Moment) {
        assert!(!self.0.contains(&Part::Observer(moment)), "an observer, at its {moment:?}");
    }
}

impl Observer for Hostile {
    fn on_call(&self, _: &TaskInfo) {
        self.at(Moment::Call);
    }

    fn on_start(&self, _: &TaskInfo) {
        self.at(Moment::Start);
    }

    fn on_end(&self, _: &TaskInfo, _: &Outcome<'_>) {
        self.at(Moment::End);
    }
}

/// Writes down what it hears.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<String>>>);

impl Listener {
    fn hear(&self, what: impl fmt::Display) {
        self.0.lock().unwrap().push(what.to_string());
    }

    fn heard(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Listener {
    fn on_call(&self, _: &TaskInfo) {
        self.hear("call");
    }

    fn on_start(&self, _: &TaskInfo) {
        self.hear("start");
    }

    fn on_end(&self, _: &TaskInfo, outcome: &Outcome<'_>) {
        self.hear(outcome.name());
    }
}

/// A task of that end, among parts that panic: what two observers hear who are told after the one that panics, and how
/// many outcomes are recorded.
async fn run(parts: &[Part], kind: OutcomeKind, trace: Trace) -> ([Vec<String>; 2], usize) {
    let listeners = [Listener::default(), Listener::default()];
    let [first, second] = listeners.clone();
    let supervisor = Supervisor::builder().observer(Hostile(parts.to_vec())).observer(first).observer(second).build();
    let (recording, is_armed) = (Recording::new(), Arc::new(AtomicBool::new(false)));
    let subscriber = {
        let (parts, is_armed) = (parts.to_vec(), Arc::clone(&is_armed));
        Hooked::dispatch(&recording, move |told| {
            let told = if let Told::RegisterCallsite(_) = told { Part::Register } else { Part::Subscriber(told) };
            assert!(!(is_armed.load(Ordering::Relaxed) && parts.contains(&told)), "a subscriber, at {told:?}");
        })
    };
    let _subscriber = dispatcher::set_default(&subscriber);
    let request = info_span!("request");
    let entered = request.enter();
    is_armed.store(true, Ordering::Relaxed);

    // A name that no call had before, so that its callsites are yet to be told of.
    let name = String::leak(format!("{kind:?} {trace:?} {parts:?}"));
    let bound = if kind == OutcomeKind::Rejected { Duration::ZERO } else { Duration::from_secs(5) };
    let body = listeners[0].clone();
    let task = detached::task(name).supervisor(&supervisor).trace(trace).timeout(bound).spawn(async move {
        body.hear("body");
        match kind {
            OutcomeKind::Completed => Ok(()),
            OutcomeKind::Failed => Err("no"),
            OutcomeKind::Panicked => panic!("the body"),
            _ => std::future::pending().await,
        }
    });
    if kind == OutcomeKind::Cancelled {
        tokio::task::yield_now().await;
        task.cancel("test");
    }
    let _ = task.await;
    is_armed.store(false, Ordering::Relaxed);
    drop(entered);
    assert_eq!(supervisor.counts().ended(), 1);
    (listeners.map(|listener| listener.heard()), recording.outcomes(name).len())
}

#[tokio::test(start_paused = true)]
async fn every_observer_hears_every_call_start_and_end_and_the_body_runs() {
    let mut wrong = Vec::new();
    for parts in tables() {
        for kind in OutcomeKind::ALL {
            for trace in [Trace::Link, Trace::Child, Trace::None] {
                let found = run(&parts, kind, trace).await;
                if found != expected(&parts, kind) {
                    wrong.push(format!("{kind:?}, {trace:?}, {parts:?}: {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// As [`run`] tells it.
fn expected(parts: &[Part], kind: OutcomeKind) -> ([Vec<String>; 2], usize) {
    let (before, body): (&[_], &[_]) =
        if kind == OutcomeKind::Rejected { (&["call"], &[]) } else { (&["call", "start"], &["body"]) };
    let heard = |body| [before, body, &[kind.name()]].concat().into_iter().map(str::to_owned).collect();
    // Who panics at an event has had it.
    let deafened = [Told::Enabled, Told::EventEnabled, Told::Event].map(Part::Subscriber);
    let is_deaf = parts.iter().any(|part| deafened.contains(part));
    ([heard(body), heard(&[])], usize::from(!is_deaf))
}
