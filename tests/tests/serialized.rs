//! Lists, counts and reports for other programs: what `serde` makes of them.

use std::future::pending;
use std::time::Duration;

use detached::{Context, Key, OutcomeKind, Supervisor, TaskState, background};
use serde_json::{Value, json, to_value};
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

static USER_ID: Key<u64> = Key::new("user_id");
static TENANT: Key<String> = Key::new("tenant");
static PAGES: Key<Vec<&str>> = Key::new("pages");
static RATIO: Key<f32> = Key::new("ratio");
static IS_NEW: Key<bool> = Key::new("is_new");
static LONG: Key<u128> = Key::new("long");
static TOKEN: Key<&str> = Key::new("token").sensitive();

#[background(timeout = "5s", inherit = [USER_ID, TENANT, PAGES, RATIO, IS_NEW, LONG, TOKEN])]
async fn record_visit() {
    pending().await
}

fn request() -> Context {
    let request = Context::new().with(USER_ID, 7).with(TENANT, "acme\ncorp".to_owned()).with(PAGES, vec!["/pricing"]);
    request.with(RATIO, 0.5).with(IS_NEW, true).with(LONG, u128::MAX).with(TOKEN, "swordfish")
}

/// The value without the fields of that name, which differ from run to run.
fn without(mut value: Value, names: &[&str]) -> Value {
    for name in names {
        assert!(value.as_object_mut().unwrap().remove(*name).is_some(), "{name} in {value}");
    }
    value
}

#[tokio::test(start_paused = true)]
async fn a_task() {
    let supervisor = Supervisor::new();
    let _task = supervisor.in_scope(|| request().in_scope(|| record_visit()));
    sleep(SECOND + Duration::from_millis(203)).await;
    let task = to_value(&supervisor.tasks()[0]).unwrap();
    assert!(task["caller"].as_str().unwrap().starts_with("tests/tests/serialized.rs:"), "{task}");
    assert!(task["id"].is_u64(), "{task}");
    assert_eq!(
        without(task, &["id", "caller"]),
        json!({
            "name": "record_visit",
            "module": "serialized",
            "state": "running",
            "age_ms": 1203.0,
            "waited_ms": 0.0,
            "elapsed_ms": 1203.0,
            "remaining_ms": 3797.0,
            "values": {
                "user_id": 7,
                "tenant": "acme\\ncorp",
                "pages": "[\"/pricing\"]",
                "ratio": 0.5,
                "is_new": true,
                "long": u128::MAX.to_string(),
            }
        })
    );
}

/// A list is of one moment, whenever it is written out.
#[tokio::test(start_paused = true)]
async fn what_was_left_stays_what_it_was() {
    let supervisor = Supervisor::new();
    let _task = supervisor.in_scope(|| request().in_scope(|| record_visit()));
    let tasks = supervisor.tasks();
    sleep(SECOND).await;
    let task = to_value(&tasks[0]).unwrap();
    assert_eq!((&task["age_ms"], &task["remaining_ms"]), (&json!(0.0), &json!(5000.0)));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_is_null() {
    let supervisor = Supervisor::new();
    let _task = detached::task("waits").supervisor(&supervisor).no_timeout().spawn(pending::<()>());
    let task = to_value(&supervisor.tasks()[0]).unwrap();
    assert_eq!((&task["elapsed_ms"], &task["remaining_ms"]), (&Value::Null, &Value::Null));
}

#[tokio::test(start_paused = true)]
async fn counts() {
    let supervisor = Supervisor::new();
    detached::task("ping").target("my_app").supervisor(&supervisor).timeout(SECOND).spawn(async {}).await.unwrap();
    let tally = json!({
        "called": 1, "waiting": 0, "running": 0, "completed": 1, "failed": 0, "timed_out": 0, "panicked": 0, "cancelled": 0,
        "rejected": 0
    });
    assert_eq!(
        to_value(supervisor.counts()).unwrap(),
        json!({"sum": tally, "functions": [{"name": "ping", "module": "my_app", "tally": tally}]})
    );
}

#[tokio::test(start_paused = true)]
async fn a_report() {
    let supervisor = Supervisor::new();
    let task = |name| detached::task(name).supervisor(&supervisor).no_timeout();
    let _completes = task("completes").spawn(sleep(SECOND));
    let _is_cut = task("is cut").spawn(pending::<()>());
    let (report, _rejected) = tokio::join!(supervisor.drain(2 * SECOND), async { task("late").spawn(async {}) });
    let value = to_value(&report).unwrap();
    assert_eq!(value["is_clean"], false);
    let listed = |list: &str| without(value[list][0].clone(), &["id", "caller"]);
    assert_eq!(
        listed("completed"),
        json!({"name": "completes", "module": "detached", "age_ms": 1000.0, "is_lost": false})
    );
    assert_eq!(listed("cancelled"), json!({"name": "is cut", "module": "detached", "age_ms": 2000.0, "is_lost": true}));
    assert_eq!(
        without(value["rejected"][0].clone(), &["caller"]),
        json!({"name": "late", "reason": "the supervisor is draining", "calls": 1})
    );
    for list in ["failed", "timed_out", "panicked", "residents", "stopped", "abandoned", "counted"] {
        assert_eq!(value[list], json!([]), "{list}");
    }
}

#[test]
fn states_and_outcomes_are_their_names() {
    assert_eq!(to_value(TaskState::Running).unwrap(), "running");
    assert_eq!(to_value(OutcomeKind::TimedOut).unwrap(), "timed_out");
}
