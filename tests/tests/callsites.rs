//! Whoever makes a function's first call, and whatever subscribers do meanwhile: nobody's events are lost by it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use detached::{Observer, Supervisor, TaskInfo};
use detached_tests::hooked::{Hooked, Told};
use detached_tests::recording::Recording;
use tracing::{Level, dispatcher};
use tracing_core::callsite::rebuild_interest_cache;

/// tracing asks for a callsite in one way where one subscriber lives in the process, and in another where there are
/// more; so the tests of this file run one by one.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls a function of that name, its first call if the name is new, and waits for its end.
fn call(name: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { detached::task(name).no_timeout().spawn(async {}).await }).unwrap();
}

/// What the recording has of the function's one call.
#[track_caller]
fn assert_told(recording: &Recording, name: &'static str) {
    assert_eq!(recording.outcomes(name).len(), 1, "the outcome of {name}: {:#?}", recording.events());
    assert_eq!(recording.outcome(name).span, Some(name));
    assert!(!recording.span(name).is_open);
}

fn new_name(number: usize) -> &'static str {
    String::leak(format!("function {number}"))
}

#[test]
fn a_first_call_where_no_subscriber_is_does_not_silence_the_function_for_another_thread() {
    let _alone = alone();
    let recording = Recording::new();
    let _set = recording.set_default();
    thread::scope(|threads| {
        threads.spawn(|| call("first called in silence"));
    });
    assert_eq!(recording.events(), [], "that thread has no subscriber");
    call("first called in silence");
    assert_told(&recording, "first called in silence");
}

#[test]
fn nor_does_it_silence_the_report_of_an_observers_panic() {
    struct Panics;
    impl Observer for Panics {
        fn on_call(&self, _: &TaskInfo) {
            panic!("at the call");
        }
    }

    let _alone = alone();
    let call = || {
        let supervisor = Supervisor::builder().observer(Panics).build();
        drop(detached::task("observed").supervisor(&supervisor).timeout(Duration::ZERO).spawn(async {}));
    };
    let recording = Recording::new();
    let _set = recording.set_default();
    thread::scope(|threads| {
        threads.spawn(call);
    });
    call();
    let report = recording.event("an observer panicked");
    assert_eq!(
        (report.level, report.target.as_str(), report.field("task")),
        (Level::ERROR, "detached", Some("observed"))
    );
}

#[test]
fn first_calls_beside_subscribers_that_come_and_go_lose_nothing() {
    const ROUNDS: usize = 400;
    let _alone = alone();
    for round in 0..ROUNDS {
        let name = new_name(round);
        let listeners = 1 + round % 2;
        let start = Barrier::new(2 + listeners);
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    start.wait();
                    call(name);
                });
            }
            for _ in 0..listeners {
                threads.spawn(|| {
                    start.wait();
                    for _ in 0..3 {
                        let recording = Recording::new();
                        recording.with_default(|| call(name));
                        assert_told(&recording, name);
                    }
                });
            }
        });
    }
}

#[test]
fn a_subscriber_may_call_the_function_that_it_is_told_of() {
    let _alone = alone();
    // Told of a callsite by the thread that made the first call, in both of tracing's ways.
    for others in 0..2 {
        let others: Vec<_> = (0..others).map(|_| Recording::new().dispatch()).collect();
        let recording = Recording::new();
        let (told, calls) = (recording.clone(), AtomicUsize::new(0));
        let name = ["called back alone", "called back beside another"][others.len()];
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let _entered = runtime.enter();
            let call = move || detached::task(name).no_timeout().spawn(async {});
            let subscriber = Hooked::dispatch(&told, move |what| {
                if what == Told::RegisterCallsite(name) && calls.fetch_add(1, Ordering::Relaxed) == 0 {
                    drop(call());
                }
            });
            let _set = dispatcher::set_default(&subscriber);
            runtime.block_on(call()).unwrap();
            runtime.block_on(Supervisor::global().idle());
            done.send(()).unwrap();
        });
        is_done.recv_timeout(Duration::from_secs(60)).expect("the call returns");
        assert_eq!(recording.outcomes(name).len(), 2);
    }
}

#[test]
fn a_subscriber_that_panicked_while_tracing_asked_anew_does_not_silence_later_functions() {
    let _alone = alone();
    call("asked of anew");
    let (recording, panics) = (Recording::new(), Arc::new(AtomicBool::new(false)));
    let armed = Arc::clone(&panics);
    let subscriber = Hooked::dispatch(&recording, move |what| {
        let is_told = matches!(what, Told::RegisterCallsite(_));
        assert!(!(is_told && armed.swap(false, Ordering::Relaxed)), "told of a callsite");
    });
    let _set = dispatcher::set_default(&subscriber);
    panics.store(true, Ordering::Relaxed);
    catch_unwind(AssertUnwindSafe(rebuild_interest_cache)).unwrap_err();

    call("first called later");
    assert_told(&recording, "first called later");
}

#[test]
fn a_subscriber_that_panics_when_told_of_a_callsite_is_told_once_and_has_the_events() {
    let _alone = alone();
    let (recording, panics) = (Recording::new(), Arc::new(AtomicUsize::new(0)));
    let told = Arc::clone(&panics);
    // Made before the function is known, so that it is not told of it while it comes.
    let subscriber = Hooked::dispatch(&recording, move |what| {
        if what == Told::RegisterCallsite("told with a panic") {
            told.fetch_add(1, Ordering::Relaxed);
            panic!("told of a callsite");
        }
    });
    let _set = dispatcher::set_default(&subscriber);
    for _ in 0..5 {
        call("told with a panic");
    }
    assert_eq!(recording.outcomes("told with a panic").len(), 5);
    assert_eq!(panics.load(Ordering::Relaxed), 1, "its span is one callsite");
}
