//! The span of a task: its place in the tree, its life, its fields, and who sees it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as PollContext, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use detached::{Context, Observer, Outcome, Supervisor, Task, TaskInfo, Trace, background};
use detached_tests::recording::Step::{Close, Enter, Event, Exit, Open};
use detached_tests::recording::{Fields, RecordedEvent, RecordedSpan, Recording, Step};
use tracing::{Level, info, info_span};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, reload};

/// How the body of a task is to end.
#[derive(Clone, Copy, Debug)]
enum End {
    Complete,
    Fail,
    Panic,
    TimeOut,
    Cancel,
}

impl End {
    const ALL: [Self; 5] = [Self::Complete, Self::Fail, Self::Panic, Self::TimeOut, Self::Cancel];

    async fn come(self) -> Result<(), &'static str> {
        info!("body");
        match self {
            Self::Complete => Ok(()),
            Self::Fail => Err("no"),
            Self::Panic => panic!("no"),
            Self::TimeOut | Self::Cancel => std::future::pending().await,
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Complete => "task completed",
            Self::Fail => "task failed",
            Self::Panic => "task panicked",
            Self::TimeOut => "task timed out",
            Self::Cancel => "task cancelled",
        }
    }
}

#[background(timeout = "5s", inherit = ["user_id?"])]
async fn linked(end: End) -> Result<(), &'static str> {
    end.come().await
}

#[background(timeout = "5s", inherit = ["user_id?"], trace = "child")]
async fn child(end: End) -> Result<(), &'static str> {
    end.come().await
}

#[background(timeout = "5s", inherit = ["user_id?"], trace = "none")]
async fn alone(end: End) -> Result<(), &'static str> {
    end.come().await
}

/// Calls in a request's span that is over before the task's body starts.
async fn call_in_request(call: impl FnOnce() -> Task<Result<(), &'static str>>, end: End) {
    let request = Context::new().with("user_id", 7_u64);
    let task = request
        .scope(async {
            let span = info_span!("request");
            let _in_request = span.enter();
            call()
        })
        .await;
    if let End::Cancel = end {
        tokio::time::sleep(Duration::from_secs(1)).await;
        task.cancel("test");
    }
    let _ = task.await;
}

/// The steps that make the tree and the spans' lives, without the polls.
fn lives(recording: &Recording) -> Vec<Step> {
    recording.steps().into_iter().filter(|step| !matches!(step, Enter(_) | Exit(_))).collect()
}

/// The span of the task that the event is of.
fn task_span(name: &'static str, event: &RecordedEvent) -> RecordedSpan {
    let field = |name| event.field(name).unwrap().to_owned();
    let fields = [("task.id", field("task.id")), ("user_id", "7".to_owned()), ("outcome", field("outcome"))];
    RecordedSpan {
        name,
        target: "spans".to_owned(),
        level: Level::INFO,
        fields: Fields(fields.into()),
        parent: None,
        follows_from: vec![],
        is_open: false,
    }
}

#[tokio::test(start_paused = true)]
async fn a_linked_task_follows_from_the_request_whose_span_closes_on_time() {
    for end in End::ALL {
        let recording = Recording::new();
        let _set = recording.set_default();
        call_in_request(|| linked(end), end).await;

        let outcome = recording.outcome("linked");
        assert_eq!(outcome.message(), end.message());
        assert_eq!(outcome.span, Some("linked"));
        assert_eq!(recording.event("body").span, Some("linked"));
        let expected = task_span("linked", &outcome);
        assert_eq!(recording.span("linked"), RecordedSpan { follows_from: vec!["request"], ..expected });
        assert_eq!(
            lives(&recording),
            [
                Open("request"),
                Open("linked"),
                Close("request"),
                Event("body".to_owned()),
                Event(end.message().to_owned()),
                Close("linked")
            ],
            "{end:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_child_task_holds_the_requests_span_open() {
    for end in End::ALL {
        let recording = Recording::new();
        let _set = recording.set_default();
        call_in_request(|| child(end), end).await;

        let outcome = recording.outcome("child");
        assert_eq!((outcome.message(), outcome.span), (end.message(), Some("child")));
        let expected = task_span("child", &outcome);
        assert_eq!(recording.span("child"), RecordedSpan { parent: Some("request"), ..expected });
        assert_eq!(
            lives(&recording),
            [
                Open("request"),
                Open("child"),
                Event("body".to_owned()),
                Event(end.message().to_owned()),
                Close("child"),
                Close("request")
            ],
            "{end:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_without_trace_knows_no_other_span() {
    for end in End::ALL {
        let recording = Recording::new();
        let _set = recording.set_default();
        call_in_request(|| alone(end), end).await;

        let outcome = recording.outcome("alone");
        assert_eq!((outcome.message(), outcome.span), (end.message(), Some("alone")));
        assert_eq!(recording.span("alone"), task_span("alone", &outcome));
        assert_eq!(
            lives(&recording),
            [
                Open("request"),
                Open("alone"),
                Close("request"),
                Event("body".to_owned()),
                Event(end.message().to_owned()),
                Close("alone")
            ],
            "{end:?}"
        );
    }
}

#[background(timeout = "5s", inherit = ["absent"])]
async fn rejected_linked() {}

#[background(timeout = "5s", inherit = ["absent"], trace = "child")]
async fn rejected_child() {}

#[background(timeout = "5s", inherit = ["absent"], trace = "none")]
async fn rejected_alone() {}

#[tokio::test]
async fn a_rejected_call_has_a_short_span_of_its_own() {
    let calls = [rejected_linked as fn() -> _, rejected_child, rejected_alone];
    let relations = [(None, &["request"][..]), (Some("request"), &[]), (None, &[])];
    for (call, (parent, follows_from)) in calls.into_iter().zip(relations) {
        let recording = Recording::new();
        let _set = recording.set_default();
        let name = info_span!("request").in_scope(|| call().name());
        assert_eq!(recording.outcome(name).span, Some(name));
        let span = recording.span(name);
        assert_eq!((span.parent, &*span.follows_from, span.field("outcome")), (parent, follows_from, Some("rejected")));
        assert_eq!(
            lives(&recording),
            [Open("request"), Open(name), Event("task rejected".to_owned()), Close(name), Close("request")]
        );
    }
}

/// Panics when it hears of a call.
struct HearsNoCall;

impl Observer for HearsNoCall {
    fn on_call(&self, _: &TaskInfo) {
        panic!("as it is to")
    }
}

#[tokio::test]
async fn no_error_of_ours_is_told_in_the_callers_span() {
    // An error in it would mark the request as failed. No span but the request's is wanted here.
    let recording = Recording::filtered(|metadata| metadata.is_event() || metadata.name() == "request");
    let _set = recording.set_default();
    let supervisor = Supervisor::builder().observer(HearsNoCall).build();
    for call in [rejected_linked, rejected_child, rejected_alone] {
        let name = supervisor.in_scope(|| info_span!("request").in_scope(|| call().name()));
        assert_eq!(recording.outcome(name).span, None);
    }
    let panics: Vec<_> = recording.events().into_iter().filter(|event| event.message().contains("observer")).collect();
    assert_eq!(panics.len(), 3);
    assert!(panics.iter().all(|event| event.span.is_none() && event.target == "spans"), "{panics:#?}");
}

#[tokio::test]
async fn a_running_task_does_not_hold_the_requests_span() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let task = info_span!("request").in_scope(|| linked(End::Cancel));
    tokio::task::yield_now().await;
    assert!(recording.span("linked").is_open, "the task runs");
    assert!(!recording.span("request").is_open, "the request is over");
    task.cancel("test");
    task.await.unwrap_err();
}

#[tokio::test]
async fn the_task_is_entered_while_it_is_polled_and_only_then() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let task = linked(End::Cancel);
    tokio::task::yield_now().await;
    info!("between polls");
    task.cancel("test");
    task.await.unwrap_err();
    assert_eq!(recording.event("between polls").span, None);
    assert_eq!(
        recording.steps(),
        [
            Open("linked"),
            Enter("linked"),
            Event("body".to_owned()),
            Exit("linked"),
            Event("between polls".to_owned()),
            Enter("linked"), // the body's last poll
            Exit("linked"),
            Enter("linked"), // its drop
            Exit("linked"),
            Enter("linked"), // the report
            Event("task cancelled".to_owned()),
            Exit("linked"),
            Close("linked"),
        ]
    );
}

#[background(timeout = "5s")]
async fn outer() {
    linked(End::Complete).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_task_called_by_a_task_follows_from_its_span() {
    let recording = Recording::new();
    let _set = recording.set_default();
    outer().await.unwrap();
    assert_eq!(recording.span("linked").follows_from, ["outer"]);
    assert_eq!(recording.span("outer").follows_from, [""; 0]);
}

struct SaysGoodbye;

impl Drop for SaysGoodbye {
    fn drop(&mut self) {
        info!(user = ?Context::current().get::<u64>("user_id"), "goodbye");
    }
}

#[background(timeout = "1s", inherit = ["user_id"])]
async fn hold(_held: SaysGoodbye) {
    std::future::pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn what_the_body_holds_is_dropped_in_the_span_with_the_context() {
    let recording = Recording::new();
    let _set = recording.set_default();
    Context::new().with("user_id", 7_u64).scope(async { hold(SaysGoodbye).await }).await.unwrap_err();
    let goodbye = recording.event("goodbye");
    assert_eq!((goodbye.span, goodbye.field("user")), (Some("hold"), Some("Ok(7)")));
    assert!(recording.is_before(&Event("goodbye".to_owned()), &Event("task timed out".to_owned())));
}

struct Narrator;

impl Observer for Narrator {
    fn on_call(&self, _: &TaskInfo) {
        info!("observed the call");
    }

    fn on_start(&self, _: &TaskInfo) {
        info!("observed the start");
    }

    fn on_end(&self, _: &TaskInfo, _: &Outcome<'_>) {
        info!("observed the end");
    }
}

/// What the narrator said of a call in a request's span, and in which span.
async fn narration<T>(call: impl FnOnce() -> Task<T>) -> Vec<(String, Option<&'static str>)> {
    let recording = Recording::new();
    let _set = recording.set_default();
    let supervisor = Supervisor::builder().observer(Narrator).build();
    let _ = supervisor.scope(async { info_span!("request").in_scope(call) }).await.await;
    let told = recording.events().into_iter().map(|event| (event.message().to_owned(), event.span));
    told.filter(|(message, _)| message.starts_with("observed")).collect()
}

#[tokio::test]
async fn observers_are_told_of_the_call_in_the_caller_and_of_the_rest_in_the_task() {
    let said = |what: &str, span| (format!("observed the {what}"), Some(span));
    assert_eq!(
        narration(|| linked(End::Complete)).await,
        [said("call", "request"), said("start", "linked"), said("end", "linked")]
    );
    assert_eq!(narration(rejected_linked).await, [said("call", "request"), said("end", "rejected_linked")]);
}

#[test]
fn the_callers_subscriber_comes_along_to_other_threads() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let recording = Recording::new();
    let task = recording.with_default(|| {
        let _inside = runtime.enter();
        linked(End::Complete)
    });
    runtime.block_on(task).unwrap().unwrap();

    for event in [recording.event("body"), recording.outcome("linked")] {
        assert_eq!(event.span, Some("linked"));
        assert_ne!(event.thread, thread::current().id());
    }
    assert!(!recording.span("linked").is_open);
}

#[tokio::test]
async fn two_callers_subscribers_are_kept_apart() {
    let (one, other) = (Recording::new(), Recording::new());
    let first = one.with_default(|| linked(End::Complete));
    let second = other.with_default(|| child(End::Complete));
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    assert_eq!((one.spans().len(), one.outcomes("linked").len(), one.events().len()), (1, 1, 2));
    assert_eq!((other.spans().len(), other.outcomes("child").len(), other.events().len()), (1, 1, 2));
}

#[tokio::test]
async fn a_span_of_another_subscriber_is_not_followed() {
    let (outer, inner) = (Recording::new(), Recording::new());
    let _set = outer.set_default();
    let task = info_span!("request").in_scope(|| {
        // An id of `outer` would be another span, or none, to `inner`.
        inner.with_default(|| linked(End::Complete))
    });
    task.await.unwrap().unwrap();
    assert_eq!(inner.span("linked").follows_from, [""; 0]);
    assert_eq!(outer.events(), []);
}

/// Notes, when it is woken, whether the task's span is still open.
struct AskWhenWoken(Recording, std::sync::Mutex<Option<bool>>);

impl Wake for AskWhenWoken {
    fn wake(self: Arc<Self>) {
        *self.1.lock().unwrap() = Some(self.0.span("linked").is_open);
    }
}

#[tokio::test]
async fn the_span_is_closed_when_the_supervisor_is_idle() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let supervisor = Supervisor::new();
    let task = supervisor.scope(async { linked(End::Complete) }).await;
    let asked = Arc::new(AskWhenWoken(recording.clone(), std::sync::Mutex::default()));
    let mut idle = pin!(supervisor.idle());
    let waker = Waker::from(Arc::clone(&asked));
    assert_eq!(idle.as_mut().poll(&mut PollContext::from_waker(&waker)), Poll::Pending);
    task.await.unwrap().unwrap();
    assert_eq!(*asked.1.lock().unwrap(), Some(false));
}

mod audit {
    use detached::background;

    #[background(timeout = "5s", inherit = ["user_id?"])]
    pub async fn write_row() {
        tracing::debug!("row written");
    }

    #[background(timeout = "5s", inherit = ["user_id?"])]
    pub async fn lose_row() -> Result<(), &'static str> {
        Err("no")
    }
}

mod billing {
    use detached::background;

    #[background(timeout = "5s", inherit = ["user_id?"])]
    pub async fn charge() {
        tracing::debug!("charged");
    }
}

async fn call_both(user_id: u64) {
    let request = Context::new().with("user_id", user_id);
    request.scope(async { audit::write_row().await }).await.unwrap();
    request.scope(async { billing::charge().await }).await.unwrap();
}

fn names(recording: &Recording) -> Vec<&'static str> {
    recording.spans().into_iter().map(|span| span.name).collect()
}

#[tokio::test]
async fn a_filter_by_module_selects_the_span_and_all_events() {
    let recording = Recording::new();
    let filtered = recording.clone().with(EnvFilter::new("spans::audit=debug"));
    let _set = tracing::subscriber::set_default(filtered);
    call_both(7).await;
    assert_eq!(names(&recording), ["write_row"]);
    assert_eq!(recording.events().len(), 2);
    for event in [recording.event("row written"), recording.outcome("write_row")] {
        assert_eq!((event.span, &*event.target), (Some("write_row"), "spans::audit"));
    }
}

#[tokio::test]
async fn a_filter_by_inherited_value_selects_the_task() {
    let recording = Recording::new();
    let filtered = recording.clone().with(EnvFilter::new("info,spans[charge{user_id=7}]=debug"));
    let _set = tracing::subscriber::set_default(filtered);
    call_both(6).await;
    assert_eq!(recording.events(), []);
    call_both(7).await;
    let told: Vec<_> = recording.events().into_iter().map(|event| (event.message().to_owned(), event.span)).collect();
    assert_eq!(told, [("charged".to_owned(), Some("charge")), ("task completed".to_owned(), Some("charge"))]);
}

#[tokio::test]
async fn a_filter_that_is_changed_is_heard() {
    let recording = Recording::new();
    let (filter, handle) = reload::Layer::new(EnvFilter::new("off"));
    let _set = tracing::subscriber::set_default(recording.clone().with(filter));
    call_both(7).await;
    assert_eq!((names(&recording), recording.events()), (vec![], vec![]));

    handle.reload(EnvFilter::new("spans::billing=debug,spans::audit=warn")).unwrap();
    call_both(7).await;
    Context::new().with("user_id", 7_u64).scope(async { audit::lose_row().await }).await.unwrap().unwrap_err();
    assert_eq!(names(&recording), ["charge"]);
    // Without a span of its own, a task's outcome is told all the same, and still says whose request it was.
    assert_eq!(recording.outcome("lose_row").span, None);
    assert_eq!(recording.outcome("lose_row").field("user_id"), Some("7"));
    assert_eq!(recording.outcome("charge").span, Some("charge"));

    handle.reload(EnvFilter::new("off")).unwrap();
    call_both(7).await;
    assert_eq!(recording.spans().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_task_without_the_attribute_tells_the_same() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let request = Context::new().with("user_id", 7_u64);
    let task = info_span!("request").in_scope(|| {
        let task = detached::task("warm cache").timeout(Duration::from_secs(5)).context(&request);
        task.inherit(&"user_id").trace(Trace::Child).level(detached::Level::Warn).spawn(std::future::pending::<()>())
    });
    task.await.unwrap_err();
    let span = recording.span("warm cache");
    assert_eq!((&*span.target, span.parent, span.field("user_id")), ("detached", Some("request"), Some("7")));
    let event = recording.outcome("warm cache");
    assert_eq!((event.level, event.span, event.field("user_id")), (Level::WARN, Some("warm cache"), Some("7")));
}
