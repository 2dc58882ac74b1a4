//! A task whose caller has one subscriber and whose thread has another: its span is opened, entered, left and closed
//! under the caller's, so that the span that holds it closes as well.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use detached::{Supervisor, Task, Trace};
use tokio::runtime::{Builder, Runtime};
use tracing::dispatcher::{self, Dispatch};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber, info_span};
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// What a registry was told, in order; each span by its name.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// A registry of its own, that keeps this log.
    fn registry(&self) -> Dispatch {
        Dispatch::new(Registry::default().with(self.clone()))
    }

    fn note<S: Subscriber + for<'a> LookupSpan<'a>>(&self, what: &str, id: &Id, layer: &LayerContext<'_, S>) {
        let name = layer.span(id).map_or("a span of another", |span| span.name());
        self.0.lock().unwrap().push(format!("{what} {name}"));
    }

    /// What was told of the spans' lives: without the polls.
    fn lives(&self) -> Vec<String> {
        let told = self.0.lock().unwrap();
        told.iter().filter(|line| !line.starts_with("enter") && !line.starts_with("exit")).cloned().collect()
    }

    fn count(&self, line: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|told| *told == line).count()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, layer: LayerContext<'_, S>) {
        self.note("open", id, &layer);
    }

    fn on_event(&self, event: &Event<'_>, layer: LayerContext<'_, S>) {
        let span = layer.event_span(event).map_or("no span", |span| span.name());
        self.0.lock().unwrap().push(format!("event in {span}"));
    }

    fn on_enter(&self, id: &Id, layer: LayerContext<'_, S>) {
        self.note("enter", id, &layer);
    }

    fn on_exit(&self, id: &Id, layer: LayerContext<'_, S>) {
        self.note("exit", id, &layer);
    }

    fn on_close(&self, id: Id, layer: LayerContext<'_, S>) {
        self.note("close", &id, &layer);
    }
}

/// The process's; every test of this file has it in place.
static GLOBAL: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    dispatcher::set_global_default(log.registry()).unwrap();
    log
});

/// How the task is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Complete,
    Fail,
    Panic,
    TimeOut,
    Cancel,
    /// Its runtime ends while it waits.
    RuntimeEnds,
    /// Its runtime ends before it was polled.
    RuntimeNeverRan,
}

const ENDS: [End; 7] =
    [End::Complete, End::Fail, End::Panic, End::TimeOut, End::Cancel, End::RuntimeEnds, End::RuntimeNeverRan];

async fn end(end: End) -> Result<(), &'static str> {
    match end {
        End::Complete => Ok(()),
        End::Fail => Err("no"),
        End::Panic => panic!("no"),
        _ => std::future::pending().await,
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// Makes the call in a request's span that is over before the task is, and brings the task to its end: the call under the
/// one subscriber, everything else under the other.
fn run(how: End, name: &'static str, trace: Trace, callers: Option<&Dispatch>, tasks: Option<&Dispatch>) {
    let under = |subscriber: Option<&Dispatch>| subscriber.map(dispatcher::set_default);
    let (runtime, supervisor) = (runtime(), Supervisor::new());
    let task = {
        let _callers = under(callers);
        let _runtime = runtime.enter();
        let task = detached::task(name).supervisor(&supervisor).trace(trace).timeout(Duration::from_secs(5));
        info_span!("request").in_scope(|| task.spawn(end(how)))
    };
    let _tasks = under(tasks);
    match how {
        End::RuntimeNeverRan => {}
        End::RuntimeEnds => runtime.block_on(tokio::task::yield_now()),
        End::Cancel => {
            runtime.block_on(tokio::task::yield_now());
            task.cancel("test");
            runtime.block_on(task).unwrap_err();
        }
        End::Complete | End::Fail | End::Panic | End::TimeOut => drop(runtime.block_on(task)),
    }
    drop(runtime);
    assert_eq!(supervisor.counts().ended(), 1, "{how:?}");
}

/// What a scoped registry is told of a task called under it, however that ends and wherever it is polled.
fn assert_lives(name: &'static str, trace: Trace, lives: [&str; 5]) {
    LazyLock::force(&GLOBAL);
    let other = Log::default();
    let other_registry = other.registry();
    for how in ENDS {
        for tasks in [None, Some(&other_registry)] {
            let log = Log::default();
            run(how, name, trace, Some(&log.registry()), tasks);
            assert_eq!(log.lives(), lives, "{how:?}");
            let entered = log.count(&format!("enter {name}"));
            assert!(entered > 0 && entered == log.count(&format!("exit {name}")), "{how:?}");
        }
    }
    assert_eq!(other.lives(), [""; 0]);
}

#[test]
fn a_child_closes_under_its_callers_subscriber_and_lets_the_request_close() {
    let lives = ["open request", "open child", "event in child", "close child", "close request"];
    assert_lives("child", Trace::Child, lives);
}

#[test]
fn a_linked_task_closes_under_its_callers_subscriber() {
    let lives = ["open request", "open linked", "close request", "event in linked", "close linked"];
    assert_lives("linked", Trace::Link, lives);
}

/// A thread that polls tasks may have a subscriber of its own.
#[test]
fn a_task_called_under_the_global_subscriber_closes_under_that() {
    LazyLock::force(&GLOBAL);
    let other = Log::default();
    let other_registry = other.registry();
    for how in ENDS {
        run(how, "global", Trace::Child, None, Some(&other_registry));
    }
    for line in ["open global", "event in global", "close global"] {
        assert_eq!(GLOBAL.count(line), ENDS.len(), "{line}");
    }
    assert_eq!(other.lives(), [""; 0]);
}

#[test]
fn a_refused_call_leaves_the_callers_span_to_close() {
    LazyLock::force(&GLOBAL);
    let (log, runtime, supervisor) = (Log::default(), runtime(), Supervisor::new());
    let _runtime = runtime.enter();
    let task = || detached::task("refused").supervisor(&supervisor).trace(Trace::Child);
    let at_limit = || task().limit(1).no_timeout().spawn(std::future::pending());
    let _first: Task<()> = at_limit();
    let refused: [&dyn Fn() -> Task<()>; 3] = [&at_limit, &|| task().timeout(Duration::ZERO).spawn(async {}), &|| {
        task().inherit(&"absent").no_timeout().spawn(async {})
    }];
    dispatcher::with_default(&log.registry(), || {
        for call in refused {
            info_span!("request").in_scope(|| drop(call()));
        }
    });
    assert_eq!(supervisor.counts().rejected, 3);
    let lives = ["open request", "open refused", "event in refused", "close refused", "close request"];
    assert_eq!(log.lives(), lives.repeat(3));
}
