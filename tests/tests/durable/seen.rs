//! What is seen of a run: what is seen of a task that ends the same way, and which attempt it is.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use detached::durable::{Durable as _, Envelope, Registry, Stored};
use detached::tower::StatusPage;
use detached::{Context, Counts, Key, Observer, Outcome, Supervisor, TaskInfo, background};
use detached_tests::recording::{RecordedEvent, RecordedSpan, Recording};
use http::Request;
use http::header::ACCEPT;
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt as _;

static USER_ID: Key<u64, Stored> = Key::new("user_id").stored();

/// How a run is to end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum End {
    Complete,
    Fail,
    TimeOut,
    Panic,
    Cancel,
    BeDrained,
    BeRejected,
}

const ENDS: [End; 7] =
    [End::Complete, End::Fail, End::TimeOut, End::Panic, End::Cancel, End::BeDrained, End::BeRejected];

async fn work(end: End) -> Result<(), std::io::Error> {
    match end {
        End::Complete | End::BeRejected => Ok(()),
        End::Fail => Err(std::io::Error::other("no route")),
        End::Panic => panic!("the table is missing"),
        End::Cancel => {
            Context::current().cancel("nobody wants it any more");
            pending().await
        }
        End::TimeOut | End::BeDrained => pending().await,
    }
}

mod in_process {
    use super::*;

    #[background(timeout = "5s", inherit = [USER_ID], level = "warn")]
    pub(super) async fn work(end: End) -> Result<(), std::io::Error> {
        super::work(end).await
    }
}

mod stored {
    use super::*;

    #[background(durable = "work", timeout = "5s", inherit = [USER_ID], level = "warn")]
    pub(super) async fn work(end: End) -> Result<(), std::io::Error> {
        super::work(end).await
    }
}

/// The third attempt of a stored call.
fn envelope(end: End) -> Envelope {
    let function = stored::work::description().name();
    let stored = json!({
        "format": 1, "function": function, "arguments": {"end": end}, "inherited": {"user_id": 7}, "attempts": 2,
    });
    Envelope::from_json(stored.to_string().as_bytes()).unwrap()
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.register::<stored::work>().unwrap();
    registry
}

/// Writes down what it is told, with the values of the task.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, what: &str, task: &TaskInfo) {
        let values: Vec<_> = task.values().map(|(name, value)| format!("{name}={value:?}")).collect();
        self.0.lock().unwrap().push(format!("{} {what}, {}", task.name(), values.join(" ")));
    }
}

impl Observer for Notes {
    fn on_call(&self, task: &TaskInfo) {
        self.note("is called", task);
    }

    fn on_start(&self, task: &TaskInfo) {
        self.note("starts", task);
    }

    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        self.note(outcome.name(), task);
    }
}

/// All that is seen of one run.
struct Seen {
    event: RecordedEvent,
    span: RecordedSpan,
    notes: Vec<String>,
    counts: Counts,
    page: Value,
}

/// What is seen of the run that `start` makes under a supervisor of its own.
async fn seen(end: End, start: impl AsyncFnOnce()) -> Seen {
    let recording = Recording::new();
    let _set = recording.set_default();
    let notes = Notes::default();
    let supervisor = Supervisor::builder().observer(notes.clone()).build();
    let page = StatusPage::new(&supervisor);
    if end == End::BeRejected {
        supervisor.drain(Duration::ZERO).await;
    }
    let drain = async {
        if end == End::BeDrained {
            supervisor.drain(Duration::from_secs(1)).await;
        }
    };
    tokio::join!(supervisor.scope(start()), drain);
    supervisor.idle().await;
    let notes = notes.0.lock().unwrap().clone();
    let page = asked(&page, "application/json").await;
    Seen {
        event: recording.outcome("work"),
        span: recording.span("work"),
        notes,
        counts: supervisor.counts(),
        page: serde_json::from_str(&page).unwrap(),
    }
}

async fn asked(page: &StatusPage, accept: &str) -> String {
    let request = Request::builder().header(ACCEPT, accept).body(()).unwrap();
    let answer = page.clone().oneshot(request).await.unwrap();
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn seen_of_task(end: End) -> Seen {
    let request = Context::new().with(USER_ID, 7);
    seen(end, async || drop(request.in_scope(|| in_process::work(end)).await)).await
}

async fn seen_of_run(end: End) -> Seen {
    let registry = registry();
    seen(end, async || {
        registry.execute(&mut envelope(end)).await;
    })
    .await
}

/// Fields without those that differ between two tasks; and the attempt, taken out.
fn fields(fields: &detached_tests::recording::Fields) -> (Vec<(&'static str, String)>, Option<String>) {
    let (mut attempt, mut rest) = (None, fields.0.clone());
    rest.retain(|(name, value)| {
        if *name == "attempt" {
            attempt = Some(value.clone());
        }
        !["attempt", "task.id", "caller"].contains(name)
    });
    (rest, attempt)
}

#[tokio::test(start_paused = true)]
async fn event_and_span_are_those_of_a_task() {
    for end in ENDS {
        let (task, run) = (seen_of_task(end).await, seen_of_run(end).await);
        assert_eq!((&task.event.level, &task.event.span), (&run.event.level, &run.event.span), "{end:?}");
        assert_eq!((&task.span.level, task.span.parent), (&run.span.level, run.span.parent), "{end:?}");
        assert!(run.event.target.ends_with("::seen::stored") && run.span.target == run.event.target);
        for (of_task, of_run) in [(&task.event.fields, &run.event.fields), (&task.span.fields, &run.span.fields)] {
            let ((of_task, none), (of_run, attempt)) = (fields(of_task), fields(of_run));
            assert_eq!(of_task, of_run, "{end:?}");
            assert_eq!((none, attempt.as_deref()), (None, Some("3")), "{end:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn observers_are_told_what_they_are_told_of_a_task() {
    for end in ENDS {
        let (task, run) = (seen_of_task(end).await, seen_of_run(end).await);
        let of_task: Vec<_> = task.notes.iter().map(|note| format!("{note} attempt=3")).collect();
        assert_eq!(of_task, run.notes, "{end:?}");
        assert_eq!(run.notes.iter().filter(|note| note.starts_with("work is called")).count(), 1, "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn counts_are_those_of_a_task() {
    for end in ENDS {
        let (task, run) = (seen_of_task(end).await, seen_of_run(end).await);
        assert_eq!(task.counts.sum, run.counts.sum, "{end:?}");
        assert_eq!(run.counts.sum, run.counts.function("work"), "{end:?}");
        assert_eq!((run.counts.called, run.counts.live()), (1, 0), "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_status_page_tells_what_went_wrong_as_of_a_task() {
    for end in ENDS {
        let (task, run) = (seen_of_task(end).await, seen_of_run(end).await);
        let [of_task, of_run] = [&task.page, &run.page].map(|page| page["mishaps"].as_array().unwrap());
        assert_eq!(of_task.len(), of_run.len(), "{end:?}");
        for (of_task, of_run) in of_task.iter().zip(of_run) {
            let told = |of: &Value| ["message", "outcome", "error", "ago_ms"].map(|field| of[field].clone());
            assert_eq!(told(of_task), told(of_run), "{end:?}");
            assert_eq!(of_task["values"], json!({"user_id": 7}));
            assert_eq!(of_run["values"], json!({"user_id": 7, "attempt": 3}));
        }
        assert_eq!(task.page["counts"]["sum"], run.page["counts"]["sum"], "{end:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_status_page_has_a_run_while_it_runs() {
    let supervisor = Supervisor::new();
    let (page, registry) = (StatusPage::new(&supervisor), registry());
    let mut envelope = envelope(End::TimeOut);
    let look = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let doc: Value = serde_json::from_str(&asked(&page, "application/json").await).unwrap();
        let task = &doc["tasks"][0];
        assert_eq!(
            (&task["name"], &task["state"], &task["remaining_ms"], &task["values"]),
            (&json!("work"), &json!("running"), &json!(3000.0), &json!({"user_id": 7, "attempt": 3}))
        );
        let html = asked(&page, "text/html").await;
        assert!(html.contains("attempt"), "{html}");
    };
    tokio::join!(supervisor.scope(registry.execute(&mut envelope)), look);
}
