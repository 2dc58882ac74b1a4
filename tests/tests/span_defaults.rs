//! What a supervisor says of its tasks' spans, and functions may say otherwise.

use std::time::Duration;

use detached::{Context, Level, Supervisor, SupervisorBuilder, Task, Trace, background};
use detached_tests::recording::{RecordedSpan, Recording};
use tracing::{info_span, warn};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;

#[background(timeout = "5s", inherit = ["user_id?"])]
async fn says_nothing() {
    warn!("low on paper");
}

#[background(timeout = "5s", trace = "link")]
async fn links() {}

#[background(timeout = "5s", trace = "none")]
async fn stands_alone() {}

#[background(timeout = "5s", trace = "child")]
async fn is_a_child() {}

#[background(timeout = "5s", inherit = ["absent"])]
async fn is_rejected() {}

/// A builder's: it says nothing either.
fn built() -> Task<()> {
    detached::task("built").timeout(Duration::from_secs(5)).spawn(async {})
}

/// The span of a task that is called in a request's span.
async fn span(supervisor: SupervisorBuilder, call: fn() -> Task<()>) -> RecordedSpan {
    let recording = Recording::new();
    let _set = recording.set_default();
    let task = supervisor.build().in_scope(|| info_span!("request").in_scope(call));
    let name = task.name();
    let _ = task.await;
    recording.span(name)
}

/// The parent, and what it follows from.
type Relation = (Option<&'static str>, &'static [&'static str]);

const LINKED: Relation = (None, &["request"]);
const CHILD: Relation = (Some("request"), &[]);
const ALONE: Relation = (None, &[]);

#[tokio::test]
async fn a_function_that_does_not_say_has_its_supervisors_trace() {
    for (trace, relation) in
        [(None, LINKED), (Some(Trace::Link), LINKED), (Some(Trace::Child), CHILD), (Some(Trace::None), ALONE)]
    {
        let supervisor = || trace.into_iter().fold(Supervisor::builder(), SupervisorBuilder::trace);
        for call in [says_nothing, is_rejected, built] {
            let span = span(supervisor(), call).await;
            assert_eq!((span.parent, &*span.follows_from), relation, "{span:?} under {trace:?}");
        }
    }
}

#[tokio::test]
async fn a_function_that_says_has_its_own() {
    for trace in [Trace::Link, Trace::Child, Trace::None] {
        for (call, relation) in [(links as fn() -> _, LINKED), (is_a_child, CHILD), (stands_alone, ALONE)] {
            let span = span(Supervisor::builder().trace(trace), call).await;
            assert_eq!((span.parent, &*span.follows_from), relation, "{span:?} under {trace:?}");
        }
    }
}

#[tokio::test]
async fn spans_have_the_supervisors_level_and_info_by_default() {
    let levels = [
        (None, tracing::Level::INFO),
        (Some(Level::Error), tracing::Level::ERROR),
        (Some(Level::Warn), tracing::Level::WARN),
        (Some(Level::Info), tracing::Level::INFO),
        (Some(Level::Debug), tracing::Level::DEBUG),
    ];
    // One function under all of them.
    for (level, expected) in levels {
        let supervisor = level.into_iter().fold(Supervisor::builder(), SupervisorBuilder::span_level);
        assert_eq!(span(supervisor, says_nothing).await.level, expected);
    }
}

#[tokio::test]
async fn a_service_at_warn_knows_whose_line_it_is() {
    let recording = Recording::new();
    let _set = tracing::subscriber::set_default(recording.clone().with(EnvFilter::new("warn")));
    let request = Context::new().with("user_id", 7);
    for supervisor in [Supervisor::new(), Supervisor::builder().span_level(Level::Warn).build()] {
        supervisor.scope(request.scope(async { says_nothing().await })).await.unwrap();
    }
    let spans: Vec<_> = recording.events().into_iter().map(|event| event.span).collect();
    assert_eq!(spans, [None, Some("says_nothing")]);
    assert_eq!(recording.span("says_nothing").field("user_id"), Some("7"));
}
