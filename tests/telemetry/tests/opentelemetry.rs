//! Traces as OpenTelemetry's own SDK exports them, where the sampler asks the parent.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use detached::{Context, Key, Supervisor, Task, Trace, background, otel};
use detached_tests::db_error::DbError;
use detached_tests::guide;
use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::trace::{Status, TracerProvider as _};
use opentelemetry::{Context as OtelContext, KeyValue};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider, SpanData};
use tracing::subscriber::DefaultGuard;
use tracing::{Level, Metadata, info_span};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

struct Exported {
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
}

impl Exported {
    /// Exports what the sampler keeps, which asks the parent; of traces without one, that share.
    fn sampled(share: f64) -> Self {
        let exporter = InMemorySpanExporter::default();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)));
        let provider =
            SdkTracerProvider::builder().with_sampler(sampler).with_simple_exporter(exporter.clone()).build();
        Self { exporter, provider }
    }

    /// Sends the spans and events of `tracing` to it, from INFO up.
    fn set_default(&self) -> DefaultGuard {
        self.set_filtered(|metadata| *metadata.level() <= Level::INFO)
    }

    /// Sends it those that the filter lets through.
    fn set_filtered(&self, wants: fn(&Metadata<'_>) -> bool) -> DefaultGuard {
        let layer = tracing_opentelemetry::layer().with_tracer(self.provider.tracer("test"));
        tracing::subscriber::set_default(tracing_subscriber::registry().with(layer.with_filter(filter_fn(wants))))
    }

    fn spans(&self, name: &str) -> Vec<SpanData> {
        let mut spans = self.exporter.get_finished_spans().unwrap();
        spans.retain(|span| span.name == name);
        spans
    }

    #[track_caller]
    fn span(&self, name: &str) -> SpanData {
        let mut spans = self.spans(name);
        assert_eq!(spans.len(), 1, "{name}: {spans:#?}");
        spans.remove(0)
    }
}

static USER_ID: Key<i64> = Key::new("user_id");
static TENANT: Key<&str> = Key::new("tenant");

/// How a task is to end.
#[derive(Clone, Copy, Debug)]
enum End {
    Complete,
    Fail,
    TimeOut,
    Panic,
    Cancel,
}

#[background(timeout = "5s", inherit = [USER_ID?, TENANT?])]
async fn record_visit(end: End) -> Result<(), DbError> {
    match end {
        End::Complete => Ok(()),
        End::Fail => {
            tokio::time::sleep(Duration::from_millis(1203)).await;
            Err(DbError(io::Error::other("disk full")))
        }
        End::TimeOut | End::Cancel => std::future::pending().await,
        End::Panic => panic!("there is no shard 3"),
    }
}

#[background(timeout = "5s", level = "warn")]
async fn expected_to_fail() -> Result<(), &'static str> {
    Err("no route")
}

/// Makes that many requests, each of which calls once, and waits for the tasks.
async fn serve(supervisor: &Supervisor, requests: usize) {
    for _ in 0..requests {
        let task = supervisor.in_scope(|| info_span!("request").in_scope(|| record_visit(End::Complete)));
        task.await.unwrap().unwrap();
    }
}

const REQUESTS: usize = 400;

#[tokio::test]
async fn where_the_parent_decides_a_child_is_kept_with_its_request() {
    let exported = Exported::sampled(0.25);
    let _set = exported.set_default();
    serve(&Supervisor::builder().trace(Trace::Child).build(), REQUESTS).await;
    let (requests, tasks) = (exported.spans("request"), exported.spans("record_visit"));
    assert!(!requests.is_empty() && requests.len() < REQUESTS, "{} of {REQUESTS}", requests.len());
    assert_eq!(tasks.len(), requests.len());
    for task in tasks {
        let its = requests.iter().find(|request| request.span_context.span_id() == task.parent_span_id);
        assert_eq!(its.unwrap().span_context.trace_id(), task.span_context.trace_id());
    }
}

#[tokio::test]
async fn where_the_parent_decides_a_link_mostly_leads_nowhere() {
    let exported = Exported::sampled(0.25);
    let _set = exported.set_default();
    serve(&Supervisor::new(), REQUESTS).await;
    let (requests, tasks) = (exported.spans("request"), exported.spans("record_visit"));
    let leads_somewhere = |task: &SpanData| {
        let link = &task.links[0].span_context;
        requests.iter().any(|request| request.span_context == *link)
    };
    let leading = tasks.iter().filter(|task| leads_somewhere(task)).count();
    assert!(tasks.len() > 10 && leading < tasks.len() / 2, "{leading} of {}: the guide says otherwise", tasks.len());
}

#[tokio::test(start_paused = true)]
async fn a_span_has_its_outcome_and_the_status_of_an_error_says_why() {
    for (end, outcome, description) in [
        (End::Complete, "completed", None),
        (End::Fail, "failed", Some("cannot insert the visit: disk full")),
        (End::TimeOut, "timed_out", Some("timed out after 5s")),
        (End::Panic, "panicked", Some("there is no shard 3 at tests/telemetry/tests/opentelemetry.rs:")),
        (End::Cancel, "cancelled", None),
    ] {
        let exported = Exported::sampled(1.0);
        let _set = exported.set_default();
        let task = info_span!("request").in_scope(|| record_visit(end));
        if let End::Cancel = end {
            tokio::task::yield_now().await;
            task.cancel("not wanted");
        }
        let _ = task.await;
        let span = exported.span("record_visit");
        assert_eq!(attribute(&span, "outcome").as_deref(), Some(outcome));
        match (&span.status, description) {
            (Status::Unset, None) => {}
            (Status::Error { description: told }, Some(expected)) => assert!(told.starts_with(expected), "{told}"),
            other => panic!("{end:?}: {other:?}"),
        }
        assert_eq!(exported.span("request").status, Status::Unset, "nothing that becomes of a task marks the request");
    }
}

#[tokio::test]
async fn a_failure_that_is_no_error_marks_no_span() {
    let exported = Exported::sampled(1.0);
    let _set = exported.set_default();
    expected_to_fail().await.unwrap().unwrap_err();
    let span = exported.span("expected_to_fail");
    assert_eq!((&span.status, attribute(&span, "outcome").as_deref()), (&Status::Unset, Some("failed")));
}

#[tokio::test]
async fn a_rejected_call_marks_its_own_span_and_not_the_requests() {
    let supervisor = Supervisor::new();
    supervisor.drain(Duration::ZERO).await;
    let call = || drop(supervisor.in_scope(|| info_span!("request").in_scope(|| record_visit(End::Complete))));

    let exported = Exported::sampled(1.0);
    let set = exported.set_default();
    call();
    let (request, rejected) = (exported.span("request"), exported.span("record_visit"));
    assert_eq!(request.status, Status::Unset);
    assert_eq!(rejected.status, Status::error("the supervisor is draining"));
    assert_eq!(rejected.links[0].span_context, request.span_context);
    drop(set);

    // A filter that hides the task's span does not move its error to the request's.
    let exported = Exported::sampled(1.0);
    let _set = exported.set_filtered(|metadata| metadata.is_event() || metadata.name() == "request");
    call();
    assert_eq!(exported.spans("record_visit").len(), 0);
    assert_eq!(exported.span("request").status, Status::Unset);
}

#[tokio::test]
async fn baggage_comes_along_beside_the_tasks_own_span() {
    #[background(timeout = "5s", inherit = [otel::BAGGAGE])]
    async fn tenant() -> Option<String> {
        OtelContext::map_current(|context| context.baggage().get("tenant").map(ToString::to_string))
    }

    let exported = Exported::sampled(1.0);
    let _set = exported.set_default();
    let task = {
        let _request = OtelContext::current_with_baggage([KeyValue::new("tenant", "acme")]).attach();
        tenant()
    };
    assert_eq!(task.await.unwrap().as_deref(), Some("acme"));
    assert_eq!(exported.spans("tenant").len(), 1);
}

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    span.attributes.iter().find(|held| held.key.as_str() == name).map(|held| held.value.to_string())
}

/// As text, without what differs from run to run and what the layer adds of its own.
fn told(attributes: &[KeyValue]) -> String {
    let own = ["code.", "thread.", "busy_ns", "idle_ns", "target", "level"];
    let mut told = String::new();
    for KeyValue { key, value, .. } in attributes {
        let value = match key.as_str() {
            name if own.iter().any(|prefix| name.starts_with(prefix)) => continue,
            "task.id" => "17".to_owned(),
            "caller" => "src/main.rs:41:5".to_owned(),
            _ => value.to_string(),
        };
        writeln!(told, "            {key} = {value}").unwrap();
    }
    told
}

#[tokio::test(start_paused = true)]
async fn the_guide_shows_a_failed_task_as_it_comes_out() {
    let exported = Exported::sampled(1.0);
    let _set = exported.set_default();
    let request = Context::new().with(USER_ID, 7).with(TENANT, "acme");
    let task: Task<_> = request.in_scope(|| info_span!("request").in_scope(|| record_visit(End::Fail)));
    task.await.unwrap().unwrap_err();

    let span = exported.span("record_visit");
    assert_eq!(span.links[0].span_context, exported.span("request").span_context);
    let Status::Error { description } = &span.status else { panic!("{:?}", span.status) };
    let event = &span.events[0];
    let text = format!(
        "span        {}\nstatus      Error: {description}\ntrace       its own, with a link to the request's span\n\
         attributes\n{}event       {}\n{}",
        span.name,
        told(&span.attributes),
        event.name,
        told(&event.attributes)
    );
    guide::assert_shows("opentelemetry", "A failed task", &text);
}
