//! The trace, from the request on one machine to the run on another: two processes that share nothing but the database, each
//! with an SDK of OpenTelemetry of its own.

use std::process::{Command, Stdio};
use std::sync::Arc;

use detached::{Supervisor, background};
use detached_apalis::{Engine, Postgres, Sqlite, Worker};
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tracing::{Instrument as _, Span, info_span};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::stores::on_each_database;

on_each_database! {
    async fn the_trace_leads_from_the_request_to_the_run_on_another_machine<D: Database>(database: D) {
        let requests = spans_of("traces::caller", database.url());
        let runs = spans_of("traces::worker", database.url());
        let [request] = &requests[..] else { panic!("{requests:#?}") };
        assert_eq!((&request["name"], request["process"] != runs[0]["process"]), (&json!("request"), true));

        // What others along the trace have written down for themselves comes along, as they wrote it.
        assert_eq!(request["state"], STATE);

        // By default the run has a trace of its own, which is linked to the request's.
        let linked = run(&runs, "linked");
        assert_ne!(linked["trace"], request["trace"]);
        assert_eq!(linked["links"], json!([{"trace": request["trace"], "span": request["span"], "state": STATE}]));
        assert_eq!(linked["state"], "", "its own trace");
        // A child is in the request's trace, right below its span.
        let child = run(&runs, "child");
        assert_eq!((&child["trace"], &child["parent"]), (&request["trace"], &request["span"]));
        assert_eq!(child["state"], STATE);
        assert_eq!(child["links"], json!([]));
        for run in [linked, child] {
            assert_eq!((&run["attempt"], &run["outcome"]), (&json!("1"), &json!("completed")));
        }
    }
}

/// How a worker knows that both have run.
#[derive(Clone)]
struct Ran(Arc<Semaphore>);

#[background(durable = "mail", timeout = "30s")]
async fn linked(#[state] ran: Ran) {
    ran.0.add_permits(1);
}

#[background(durable = "mail", timeout = "30s", trace = "child")]
async fn child(#[state] ran: Ran) {
    ran.0.add_permits(1);
}

/// Where the processes find the database.
const URL: &str = "TRACES_URL";

/// The `tracestate` that the request comes with, from two systems.
const STATE: &str = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";

/// What stands before a span in what they print.
const SPAN: &str = "exported: ";

/// Runs one of the two below in a process of its own, and gives the spans that it exported.
fn spans_of(process: &str, url: &str) -> Vec<Value> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([process, "--exact", "--ignored", "--nocapture"]).env(URL, url).stderr(Stdio::inherit());
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    // The test harness writes on the same line.
    let spans = printed.lines().filter_map(|line| line.split_once(SPAN));
    spans.map(|(_, span)| serde_json::from_str(span).unwrap()).collect()
}

#[track_caller]
fn run<'a>(runs: &'a [Value], name: &str) -> &'a Value {
    let mut named = runs.iter().filter(|run| run["name"] == name);
    match (named.next(), named.next()) {
        (Some(run), None) => run,
        _ => panic!("`{name}` has one span, and not: {runs:#?}"),
    }
}

/// No test: the process that serves a request.
#[tokio::test]
#[ignore = "a process of its own, started by the test"]
async fn caller() {
    let Ok(url) = std::env::var(URL) else { return };
    let request = async || {
        linked().await.unwrap();
        child().await.unwrap();
    };
    let handled = async |supervisor: Supervisor| {
        supervisor.scope(request()).instrument(requested()).await;
    };
    if url.starts_with("postgres") {
        let store = Postgres::connect(&url).await.unwrap();
        exporting(handled(Supervisor::builder().store(store).build())).await;
    } else {
        let store = Sqlite::connect(url.parse().unwrap()).await.unwrap();
        exporting(handled(Supervisor::builder().store(store).build())).await;
    }
}

/// The span of a request that comes from a program on yet another machine.
fn requested() -> Span {
    let (trace, span) = (TraceId::from_bytes([7; 16]), SpanId::from_bytes([7; 8]));
    let sender = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, STATE.parse().unwrap());
    let _received = Context::new().with_remote_span_context(sender).attach();
    info_span!("request")
}

/// No test: the worker's process.
#[tokio::test]
#[ignore = "a process of its own, started by the test"]
async fn worker() {
    let Ok(url) = std::env::var(URL) else { return };
    if url.starts_with("postgres") {
        exporting(work(Postgres::connect(&url).await.unwrap())).await;
    } else {
        exporting(work(Sqlite::connect(url.parse().unwrap()).await.unwrap())).await;
    }
}

async fn work(store: impl Engine) {
    let ran = Ran(Arc::new(Semaphore::new(0)));
    let worker = Worker::new(&store).state(ran.clone()).register::<linked>().register::<child>();
    worker.run_until(ran.0.acquire_many(2)).await.unwrap();
}

/// As long as `run` does, and then prints what was exported.
async fn exporting(run: impl Future<Output = ()>) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    // Of the whole process: a worker's tasks are on whatever thread.
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();
    run.await;
    for span in exporter.get_finished_spans().unwrap() {
        println!("{SPAN}{}", told(&span));
    }
}

fn told(span: &SpanData) -> Value {
    let attribute =
        |name| span.attributes.iter().find(|held| held.key.as_str() == name).map(|held| held.value.to_string());
    let link = |of: &SpanContext| {
        json!({
            "trace": of.trace_id().to_string(),
            "span": of.span_id().to_string(),
            "state": of.trace_state().header(),
        })
    };
    json!({
        "process": std::process::id(),
        "name": span.name,
        "trace": span.span_context.trace_id().to_string(),
        "span": span.span_context.span_id().to_string(),
        "parent": span.parent_span_id.to_string(),
        "state": span.span_context.trace_state().header(),
        "links": span.links.iter().map(|to| link(&to.span_context)).collect::<Vec<_>>(),
        "attempt": attribute("attempt"),
        "outcome": attribute("outcome"),
    })
}
