//! The way of a trace through the store: from the caller's program to the worker's, each with an SDK of its own.

use detached::durable::{Envelope, Executed, Registry};
use detached::testing::Recorded;
use detached::{Supervisor, background};
use opentelemetry::trace::{SpanContext, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::{Instrument as _, info_span};
use tracing_subscriber::layer::SubscriberExt as _;

#[background(durable = "mail", timeout = "30s")]
pub async fn linked() {}

#[background(durable = "mail", timeout = "30s", trace = "child")]
pub async fn child() {}

/// Runs with spans exported by an SDK of its own, and gives those that ended.
async fn exported<T>(run: impl Future<Output = T>) -> (T, Vec<SpanData>) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let given = run.await;
    (given, exporter.get_finished_spans().unwrap())
}

/// What is stored by calls in a span named `request`, and that span.
async fn requested(call: impl AsyncFnOnce()) -> (Vec<Envelope>, SpanContext) {
    let recorded = Recorded::new();
    let supervisor = Supervisor::builder().store(recorded.clone()).build();
    let ((), spans) = exported(async { supervisor.scope(call()).instrument(info_span!("request")).await }).await;
    let span = spans.into_iter().find(|span| span.name == "request").unwrap();
    (recorded.jobs().into_iter().map(|job| job.envelope).collect(), span.span_context)
}

async fn executed(registry: &Registry, envelope: &Envelope) -> SpanData {
    // As it comes out of the store.
    let mut envelope = Envelope::from_json(&envelope.to_json()).unwrap();
    let (executed, mut spans) = exported(registry.execute(&mut envelope)).await;
    assert_eq!(executed, Executed::Done);
    assert_eq!(spans.len(), 1, "{spans:#?}");
    spans.remove(0)
}

#[tokio::test]
async fn a_run_on_another_machine_is_linked_to_its_request() {
    let (stored, request) = requested(async || drop(linked().await.unwrap())).await;
    let parent = stored[0].traceparent.as_deref().unwrap();
    assert_eq!(parent, format!("00-{}-{}-01", request.trace_id(), request.span_id()));

    let mut registry = Registry::new();
    registry.register::<linked>().unwrap();
    let span = executed(&registry, &stored[0]).await;
    assert_eq!(span.name, "linked");
    assert_ne!(span.span_context.trace_id(), request.trace_id());
    let links: Vec<_> = span.links.iter().map(|link| &link.span_context).collect();
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].trace_id(), links[0].span_id()), (request.trace_id(), request.span_id()));
    assert!(links[0].is_remote());
}

#[tokio::test]
async fn a_traceparent_that_is_none_is_no_reason_not_to_run() {
    let (mut stored, _) = requested(async || drop(linked().await.unwrap())).await;
    let mut registry = Registry::new();
    registry.register::<linked>().unwrap();
    for parent in ["", "00", "00-x-y-z", "00-00000000000000000000000000000000-0000000000000000-01", "ünïcödé-1-2-3"]
    {
        stored[0].traceparent = Some(parent.to_owned());
        let span = executed(&registry, &stored[0]).await;
        assert!(span.links.is_empty(), "{parent}");
    }
}

#[tokio::test]
async fn without_a_span_nothing_is_noted() {
    let recorded = Recorded::new();
    let supervisor = Supervisor::builder().store(recorded.clone()).build();
    supervisor.scope(async { linked().await }).await.unwrap();
    assert_eq!(recorded.jobs()[0].envelope.traceparent, None);
}

#[tokio::test]
async fn a_child_is_in_the_trace_of_its_request() {
    let (stored, request) = requested(async || drop(child().await.unwrap())).await;
    let mut registry = Registry::new();
    registry.register::<child>().unwrap();
    let span = executed(&registry, &stored[0]).await;
    assert_eq!(span.span_context.trace_id(), request.trace_id());
    assert_eq!(span.parent_span_id, request.span_id());
    assert!(span.links.is_empty());
}
