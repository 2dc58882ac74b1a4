//! What OpenTelemetry's own SDK exports of a task, through `tracing-opentelemetry`; and the carriers beside it.

use std::io;
use std::time::Duration;

use detached::{Context, Supervisor, Task, background, otel};
use detached_tests::db_error::DbError;
use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::trace::{SpanContext, SpanId, Status, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context as OtelContext, KeyValue};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tokio::sync::oneshot;
use tracing::subscriber::DefaultGuard;
use tracing::{Span, info_span};
use tracing_subscriber::layer::SubscriberExt as _;

struct Exported {
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
}

impl Exported {
    fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        Self { exporter, provider }
    }

    /// Sends the spans of `tracing` to it.
    fn set_default(&self) -> DefaultGuard {
        let layer = tracing_opentelemetry::layer().with_tracer(self.provider.tracer("test"));
        tracing::subscriber::set_default(tracing_subscriber::registry().with(layer))
    }

    fn names(&self) -> Vec<String> {
        self.exporter.get_finished_spans().unwrap().into_iter().map(|span| span.name.into_owned()).collect()
    }

    fn span(&self, name: &str) -> SpanData {
        let mut spans = self.exporter.get_finished_spans().unwrap();
        spans.retain(|span| span.name == name);
        assert_eq!(spans.len(), 1, "{name}: {spans:#?}");
        spans.remove(0)
    }
}

fn links(span: &SpanData) -> Vec<SpanContext> {
    span.links.iter().map(|link| link.span_context.clone()).collect()
}

type Gate = oneshot::Receiver<()>;

#[background(timeout = "none")]
async fn linked(gate: Gate) {
    let _ = gate.await;
}

#[background(timeout = "none", trace = "child")]
async fn child(gate: Gate) {
    let _ = gate.await;
}

#[background(timeout = "none", trace = "none")]
async fn alone(gate: Gate) {
    let _ = gate.await;
}

/// Calls in a request's span, and goes on until the request is over and the task runs.
async fn call_in_request(call: fn(Gate) -> Task<()>) -> (Task<()>, oneshot::Sender<()>) {
    let (open, gate) = oneshot::channel();
    let task = info_span!("request").in_scope(|| call(gate));
    tokio::task::yield_now().await;
    (task, open)
}

#[tokio::test]
async fn a_linked_task_is_a_trace_of_its_own_with_a_link_to_the_request() {
    let exported = Exported::new();
    let _set = exported.set_default();
    let (task, open) = call_in_request(linked).await;
    assert_eq!(exported.names(), ["request"], "the request's span is exported while the task runs");
    let request = exported.span("request");
    open.send(()).unwrap();
    task.await.unwrap();

    let task = exported.span("linked");
    assert_ne!(task.span_context.trace_id(), request.span_context.trace_id());
    assert_eq!(task.parent_span_id, SpanId::INVALID);
    assert_eq!(links(&task), std::slice::from_ref(&request.span_context));
    assert!(request.end_time <= task.end_time);
}

#[tokio::test]
async fn a_child_task_is_in_the_requests_trace() {
    let exported = Exported::new();
    let _set = exported.set_default();
    let (task, open) = call_in_request(child).await;
    assert_eq!(exported.names(), [""; 0], "the request's span waits for its child");
    open.send(()).unwrap();
    task.await.unwrap();

    assert_eq!(exported.names(), ["child", "request"]);
    let (task, request) = (exported.span("child"), exported.span("request"));
    assert_eq!(task.span_context.trace_id(), request.span_context.trace_id());
    assert_eq!(task.parent_span_id, request.span_context.span_id());
    assert_eq!(links(&task), []);
    assert!(request.end_time <= task.end_time, "it is exported late, and its end is when it was last left");
}

#[tokio::test]
async fn a_task_without_trace_knows_nothing_of_the_request() {
    let exported = Exported::new();
    let _set = exported.set_default();
    let (task, open) = call_in_request(alone).await;
    assert_eq!(exported.names(), ["request"]);
    open.send(()).unwrap();
    task.await.unwrap();

    let (task, request) = (exported.span("alone"), exported.span("request"));
    assert_ne!(task.span_context.trace_id(), request.span_context.trace_id());
    assert_eq!((task.parent_span_id, links(&task)), (SpanId::INVALID, vec![]));
}

#[background(timeout = "5s", inherit = ["user_id", "tenant"])]
async fn record_visit() -> Result<(), DbError> {
    tokio::time::sleep(Duration::from_millis(1203)).await;
    Err(DbError(io::Error::other("disk full")))
}

/// The attributes that do not differ from run to run and are not the layer's own.
fn told(attributes: &[KeyValue]) -> Vec<String> {
    let varying = ["task.id", "caller", "code.", "thread.", "busy_ns", "idle_ns", "target", "level"];
    let told = attributes.iter().map(|held| format!("{}={}", held.key, held.value));
    told.filter(|text| !varying.iter().any(|prefix| text.starts_with(prefix))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_failed_task_is_exported_as_one() {
    let exported = Exported::new();
    let _set = exported.set_default();
    let request = Context::new().with("user_id", 7_i64).with("tenant", "acme");
    request.scope(async { record_visit().await }).await.unwrap().unwrap_err();

    let span = exported.span("record_visit");
    assert!(matches!(span.status, Status::Error { .. }), "{:?}", span.status);
    assert_eq!(
        told(&span.attributes),
        [
            "user_id=7",
            "tenant=acme",
            "exception.message=cannot insert the visit",
            "exception.stacktrace=[\"disk full\"]",
            "outcome=failed"
        ]
    );
    assert_eq!(span.attributes.iter().filter(|held| held.key.as_str() == "task.id").count(), 1);

    let [event] = &span.events[..] else { panic!("{:#?}", span.events) };
    assert_eq!(event.name, "task failed");
    assert_eq!(
        told(&event.attributes),
        [
            "task=record_visit",
            "outcome=failed",
            "elapsed_ms=1203",
            "exception.message=cannot insert the visit",
            "exception.stacktrace=[\"disk full\"]",
            "error=cannot insert the visit",
            "error.chain=[\"disk full\"]", // of `tracing-opentelemetry`
            "error.chain=cannot insert the visit: disk full",
            "user_id=7",
            "tenant=acme"
        ]
    );
}

#[tokio::test]
async fn the_last_span_is_exported_when_the_supervisor_is_drained() {
    let exported = Exported::new();
    let _set = exported.set_default();
    let supervisor = Supervisor::new();
    let (open, gate) = oneshot::channel();
    supervisor.scope(async { drop(linked(gate)) }).await;
    drop(open);
    supervisor.drain(Duration::from_secs(1)).await;
    assert_eq!(exported.names(), ["linked"]);
}

#[background(timeout = "5s", inherit = [otel::BAGGAGE])]
async fn tenant() -> Option<String> {
    tokio::task::yield_now().await;
    current_tenant()
}

#[background(timeout = "5s", inherit = [otel::BAGGAGE])]
async fn tenant_of_nested() -> Option<String> {
    tenant().await.unwrap()
}

#[background(timeout = "5s")]
async fn tenant_unasked() -> Option<String> {
    current_tenant()
}

fn current_tenant() -> Option<String> {
    OtelContext::current().baggage().get("tenant").map(ToString::to_string)
}

fn as_tenant<R>(name: &'static str, call: impl FnOnce() -> R) -> R {
    let _request = OtelContext::current_with_baggage([KeyValue::new("tenant", name)]).attach();
    call()
}

#[tokio::test]
async fn baggage_is_inherited_where_it_is_listed() {
    let (acme, other) = (as_tenant("acme", tenant), as_tenant("other", tenant));
    let (nested, unasked, none) = (as_tenant("acme", tenant_of_nested), as_tenant("acme", tenant_unasked), tenant());
    assert_eq!(acme.await.unwrap().as_deref(), Some("acme"));
    assert_eq!(other.await.unwrap().as_deref(), Some("other"));
    assert_eq!(nested.await.unwrap().as_deref(), Some("acme"));
    assert_eq!(unasked.await.unwrap(), None);
    assert_eq!(none.await.unwrap(), None);
    assert_eq!(current_tenant(), None, "nothing stays behind on the thread");
}

#[background(timeout = "5s", inherit = [otel::BAGGAGE])]
async fn tenant_beside_the_span() -> (Option<String>, SpanContext, SpanContext) {
    let outer = OtelContext::current().span().span_context().clone();
    let inner = info_span!("inner").in_scope(|| OtelContext::current().span().span_context().clone());
    (current_tenant(), outer, inner)
}

#[tokio::test]
async fn baggage_stands_beside_the_tasks_own_span() {
    let exported = Exported::new();
    let _set = exported.set_default();
    let (tenant, outer, inner) = as_tenant("acme", tenant_beside_the_span).await.unwrap();
    assert_eq!(tenant.as_deref(), Some("acme"));
    assert_eq!(outer, exported.span("tenant_beside_the_span").span_context);
    assert_eq!(inner, exported.span("inner").span_context);
    assert_eq!(exported.span("inner").parent_span_id, outer.span_id());
}

struct SaysTenant(std::sync::Arc<std::sync::Mutex<Option<String>>>);

impl Drop for SaysTenant {
    fn drop(&mut self) {
        *self.0.lock().unwrap() = current_tenant();
    }
}

#[background(timeout = "none", inherit = [otel::BAGGAGE])]
async fn hold(_held: SaysTenant) {
    std::future::pending().await
}

#[tokio::test]
async fn baggage_is_there_while_a_cancelled_body_is_dropped() {
    let said = SaysTenant(std::sync::Arc::default());
    let heard = std::sync::Arc::clone(&said.0);
    let task = as_tenant("acme", || hold(said));
    tokio::task::yield_now().await;
    task.cancel("test");
    task.await.unwrap_err();
    assert_eq!(heard.lock().unwrap().as_deref(), Some("acme"));
}

#[background(timeout = "5s", inherit = [otel::SPAN_CONTEXT])]
async fn with_span_context(provider: SdkTracerProvider) {
    provider.tracer("body").in_span("in the body", |_| ());
}

/// Calls in a span that OpenTelemetry's API made, which is over before the task starts.
async fn call_in_foreign_span(exported: &Exported) -> SpanContext {
    let (task, caller) = exported
        .provider
        .tracer("caller")
        .in_span("foreign", |cx| (with_span_context(exported.provider.clone()), cx.span().span_context().clone()));
    assert_eq!(exported.names(), ["foreign"]);
    task.await.unwrap();
    caller
}

#[tokio::test]
async fn a_span_of_opentelemetrys_own_is_linked() {
    let exported = Exported::new();
    let _set = exported.set_default();
    let caller = call_in_foreign_span(&exported).await;
    let task = exported.span("with_span_context");
    assert_eq!(links(&task), [caller]);
    assert_eq!(exported.span("in the body").parent_span_id, task.span_context.span_id());
}

#[tokio::test]
async fn without_an_exported_span_the_callers_is_the_parent() {
    let exported = Exported::new();
    let caller = call_in_foreign_span(&exported).await;
    let inner = exported.span("in the body");
    assert_eq!(exported.names(), ["foreign", "in the body"]);
    assert_eq!((inner.span_context.trace_id(), inner.parent_span_id), (caller.trace_id(), caller.span_id()));
}

#[tokio::test]
async fn a_span_of_tracings_is_linked_once() {
    let exported = Exported::new();
    let _set = exported.set_default();
    let task = info_span!("request").in_scope(|| with_span_context(exported.provider.clone()));
    task.await.unwrap();
    assert_eq!(links(&exported.span("with_span_context")), [exported.span("request").span_context]);
    assert!(Span::current().is_none());
}
