//! What reaches sentry of a task, by its own test transport: whose it was, what came before, and each thing once.

use std::io;
use std::sync::Arc;

use detached::{Context, Key, Supervisor, background};
use detached_tests::db_error::DbError;
use detached_tests::guide;
use detached_tests_telemetry::hub::{HUB, ToSentry};
use sentry::integrations::panic::PanicIntegration;
use sentry::integrations::tracing::{BreadcrumbLayer, ErrorLayer, SpanLayer};
use sentry::protocol::{Event, User};
use sentry::test::with_captured_events_options;
use sentry::{Breadcrumb, ClientOptions};
use serde_json::{Value, json};
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

static USER_ID: Key<u64> = Key::new("user_id");

/// How a task is to end.
#[derive(Clone, Copy)]
enum End {
    Complete,
    Fail,
    TimeOut,
    Panic,
}

#[background(timeout = "5s", inherit = [USER_ID, HUB])]
async fn record_visit(end: End) -> Result<(), DbError> {
    note("inserting");
    tokio::task::yield_now().await;
    match end {
        End::Complete => Ok(()),
        End::Fail => Err(DbError(io::Error::other("disk full"))),
        End::TimeOut => std::future::pending().await,
        End::Panic => panic!("there is no shard 3"),
    }
}

fn note(message: &str) {
    sentry::add_breadcrumb(Breadcrumb { message: Some(message.to_owned()), ..Breadcrumb::default() });
}

/// Makes the calls in a request of user 7 that goes on in the meantime; gives what reached sentry.
fn captured(supervisor: &Supervisor, calls: &'static [End]) -> Vec<Event<'static>> {
    let mut options = ClientOptions::default().traces_sample_rate(1.0);
    options.integrations.push(Arc::new(PanicIntegration::new()));
    with_captured_events_options(
        || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
            runtime.block_on(async {
                for end in calls {
                    sentry::with_scope(
                        |scope| {
                            scope.set_user(Some(User { id: Some("7".to_owned()), ..User::default() }));
                            scope.set_tag("tenant", "acme");
                        },
                        || {
                            note("asked for /pricing");
                            supervisor
                                .in_scope(|| Context::new().with(USER_ID, 7).in_scope(|| drop(record_visit(*end))));
                            note("answered");
                        },
                    );
                }
                supervisor.idle().await;
            });
        },
        options,
    )
}

fn observed() -> Supervisor {
    Supervisor::builder().observer(ToSentry).build()
}

/// What of an event does not differ from run to run.
fn told(event: &Event<'_>) -> Value {
    let (level, event) = (event.level.to_string(), serde_json::to_value(event).unwrap());
    let pick = |value: &Value, names: &[&str]| -> Value {
        names.iter().filter_map(|name| Some(((*name).to_owned(), value.get(name)?.clone()))).collect()
    };
    let list = |values: &Value, names: &[&str]| -> Vec<Value> {
        values.as_array().into_iter().flatten().map(|value| pick(value, names)).collect()
    };
    let mut told = pick(&event, &["message", "user", "tags", "extra"]);
    told["level"] = level.into();
    told["exceptions"] = list(&event["exception"]["values"], &["type", "value"]).into();
    told["breadcrumbs"] = list(&event["breadcrumbs"]["values"], &["message"]).into();
    if let Some(extra) = told.get_mut("extra").and_then(Value::as_object_mut) {
        let caller = extra.get_mut("caller").unwrap();
        assert!(caller.as_str().unwrap().starts_with("tests/telemetry/tests/sentry.rs:"), "{caller}");
        *caller = "src/main.rs:41:5".into();
    }
    told
}

#[test]
fn a_failure_has_its_user_its_tags_and_what_came_before() {
    let events = captured(&observed(), &[End::Fail]);
    let [event] = &events[..] else { panic!("{events:#?}") };
    let told = told(event);
    assert_eq!((&told["level"], &told["user"]["id"]), (&json!("error"), &json!("7")));
    assert_eq!(told["tags"], json!({"tenant": "acme", "task": "record_visit", "outcome": "failed"}));
    let exceptions: Vec<_> = told["exceptions"].as_array().unwrap().iter().map(|it| &it["value"]).collect();
    assert_eq!(exceptions, ["disk full", "cannot insert the visit"], "the error with its source");
    // Of the request what it had noted by the call, and what the task has noted since.
    assert_eq!(told["breadcrumbs"], json!([{"message": "asked for /pricing"}, {"message": "inserting"}]));
    guide::assert_shows("sentry", "A failed task", &serde_json::to_string_pretty(&told).unwrap());
}

#[test]
fn a_panic_is_one_event_from_where_it_happened_and_knows_its_user() {
    let events = captured(&observed(), &[End::Panic]);
    let [event] = &events[..] else { panic!("{events:#?}") };
    let told = told(event);
    assert_eq!((&told["level"], &told["user"]["id"]), (&json!("fatal"), &json!("7")));
    assert_eq!(told["exceptions"], json!([{"type": "panic", "value": "there is no shard 3"}]));
    assert_eq!(told["tags"], json!({"tenant": "acme"}));
    assert_eq!(told["breadcrumbs"], json!([{"message": "asked for /pricing"}, {"message": "inserting"}]));
}

#[test]
fn a_timeout_is_a_message_and_a_completed_task_is_none() {
    let events = captured(&observed(), &[End::TimeOut, End::Complete]);
    let [event] = &events[..] else { panic!("{events:#?}") };
    let told = told(event);
    assert_eq!((&told["message"], &told["tags"]["outcome"]), (&json!("record_visit timed out"), &json!("timed_out")));
}

#[test]
fn tasks_do_not_note_into_each_others_hubs() {
    let events = captured(&observed(), &[End::Fail, End::Fail, End::Fail]);
    assert_eq!(events.len(), 3);
    for event in &events {
        assert_eq!(told(event)["breadcrumbs"], json!([{"message": "asked for /pricing"}, {"message": "inserting"}]));
    }
}

#[test]
fn a_rejected_call_is_told_from_where_it_was_made() {
    let supervisor = observed();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(supervisor.drain(std::time::Duration::ZERO));
    let events = captured(&supervisor, &[End::Complete]);
    let [event] = &events[..] else { panic!("{events:#?}") };
    let told = told(event);
    assert_eq!((&told["message"], &told["user"]["id"]), (&json!("the supervisor is draining"), &json!("7")));
    assert_eq!(told["breadcrumbs"], json!([{"message": "asked for /pricing"}]));
}

#[test]
fn with_sentrys_own_layers_alone_a_failure_is_an_event_and_a_panic_is_two() {
    let errors = ErrorLayer::new().with_filter(LevelFilter::ERROR);
    let _set = tracing::subscriber::set_default(tracing_subscriber::registry().with(errors));
    for (end, messages) in [(&[End::Fail], &["task failed"][..]), (&[End::Panic], &["", "task panicked"])] {
        let events = captured(&Supervisor::new(), end);
        let told: Vec<_> = events.iter().map(|event| event.message.as_deref().unwrap_or_default()).collect();
        assert_eq!(told, messages);
        for event in &events {
            assert_eq!(event.user.as_ref().unwrap().id.as_deref(), Some("7"), "the carrier's");
        }
    }
}

#[test]
fn with_sentrys_own_layers_outcomes_are_breadcrumbs() {
    let errors = ErrorLayer::new().with_filter(filter_fn(|metadata| {
        *metadata.level() == Level::ERROR && metadata.fields().field("outcome").is_none()
    }));
    let breadcrumbs = BreadcrumbLayer::new().with_filter(LevelFilter::INFO);
    let _set = tracing::subscriber::set_default(tracing_subscriber::registry().with(errors).with(breadcrumbs));
    // The observer's event of the failure, the hook's of the panic.
    for (end, outcome) in [(&[End::Fail], Some("task failed")), (&[End::Panic], None)] {
        let events = captured(&observed(), end);
        let [event] = &events[..] else { panic!("{events:#?}") };
        let noted = event.breadcrumbs.values.iter().filter_map(|breadcrumb| breadcrumb.message.as_deref());
        let expected = ["asked for /pricing", "inserting"].into_iter().chain(outcome);
        assert!(noted.eq(expected), "{event:#?}");
    }
}

#[test]
fn sentrys_own_spans_do_not_come_between() {
    let spans = SpanLayer::new().with_filter(LevelFilter::INFO);
    let _set = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans));
    for end in [&[End::Fail], &[End::Panic]] {
        let events = captured(&observed(), end);
        let [event] = &events[..] else { panic!("{events:#?}") };
        let told = told(event);
        assert_eq!((&told["user"]["id"], &told["tags"]["tenant"]), (&json!("7"), &json!("acme")));
        assert_eq!(told["breadcrumbs"], json!([{"message": "asked for /pricing"}, {"message": "inserting"}]));
    }
}

#[test]
fn the_guide_shows_this_code() {
    let code = include_str!("../src/hub.rs").split_once("\n\n").unwrap().1;
    guide::assert_shows("sentry", "A carrier and an observer", code);
}
