//! One event per outcome: its level, its message, its exact fields.

use std::sync::OnceLock;
use std::time::Duration;

use detached::{Cause, Context, Key, Reason, Supervisor, TaskError, background};
use detached_tests::recording::{RecordedEvent, Recording};
use tracing::Level;

/// An event's fields without the ones that differ from run to run, whose presence is checked.
#[track_caller]
fn fields(event: &RecordedEvent) -> Vec<(&'static str, &str)> {
    assert!(event.field("task.id").is_some_and(|id| id.parse::<u64>().is_ok()), "{event:?}");
    assert!(event.field("caller").is_some_and(|caller| caller.starts_with("tests/tests/events.rs:")), "{event:?}");
    let varying = ["task.id", "caller"];
    event.fields.0.iter().filter(|(name, _)| !varying.contains(name)).map(|(name, text)| (*name, &**text)).collect()
}

fn request() -> Context {
    Context::new().with("user_id", 7_u64)
}

#[background(timeout = "5s", inherit = ["user_id"])]
async fn complete() {
    tokio::time::sleep(Duration::from_millis(1500)).await;
}

#[tokio::test(start_paused = true)]
async fn completed_is_debug() {
    let recording = Recording::new();
    let _set = recording.set_default();
    request().scope(async { complete().await }).await.unwrap();

    let event = recording.outcome("complete");
    assert_eq!((event.level, &*event.target), (Level::DEBUG, "events"));
    assert_eq!(
        fields(&event),
        [
            ("message", "task completed"),
            ("task", "complete"),
            ("outcome", "completed"),
            ("elapsed_ms", "1500.0"),
            ("user_id", "7")
        ]
    );
}

macro_rules! failing_at {
    ($($test:ident, $function:ident, $level:literal => $expected:expr;)*) => {$(
        #[background(timeout = "5s", inherit = ["user_id"], level = $level)]
        async fn $function(late: bool) -> Result<(), std::io::Error> {
            if late {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            Err(std::io::Error::other("disk full"))
        }

        #[tokio::test(start_paused = true)]
        async fn $test() {
            let recording = Recording::new();
            let _set = recording.set_default();
            request().scope(async { $function(false).await }).await.unwrap().unwrap_err();
            let late = request().scope(async { $function(true).await }).await.unwrap_err();
            assert_eq!(late, TaskError::TimedOut);

            let events = recording.outcomes(stringify!($function));
            let [failed, timed_out] = &events[..] else { panic!("{events:#?}") };
            assert_eq!((failed.level, timed_out.level), ($expected, $expected));
            assert_eq!(
                fields(failed),
                [
                    ("message", "task failed"),
                    ("task", stringify!($function)),
                    ("outcome", "failed"),
                    ("elapsed_ms", "0.0"),
                    ("error", "disk full"),
                    ("user_id", "7")
                ]
            );
            assert_eq!(
                fields(timed_out),
                [
                    ("message", "task timed out"),
                    ("task", stringify!($function)),
                    ("outcome", "timed_out"),
                    ("elapsed_ms", "5000.0"),
                    ("timeout", "5s"),
                    ("user_id", "7")
                ]
            );
        }
    )*};
}

failing_at! {
    failed_and_timed_out_are_error_on_demand, fail_at_error, "error" => Level::ERROR;
    failed_and_timed_out_are_warn_on_demand, fail_at_warn, "warn" => Level::WARN;
    failed_and_timed_out_are_info_on_demand, fail_at_info, "info" => Level::INFO;
    failed_and_timed_out_are_debug_on_demand, fail_at_debug, "debug" => Level::DEBUG;
}

#[background(timeout = "5s")]
async fn fail() -> Result<(), String> {
    Err("no route".to_owned())
}

#[tokio::test]
async fn failed_is_error_by_default() {
    let recording = Recording::new();
    let _set = recording.set_default();
    fail().await.unwrap().unwrap_err();
    assert_eq!(recording.outcome("fail").level, Level::ERROR);
}

static PANICS_AT: OnceLock<u32> = OnceLock::new();

// `level` speaks of failures and timeouts only.
#[background(timeout = "5s", inherit = ["user_id"], level = "debug")]
async fn panic_quietly() {
    PANICS_AT.set(line!() + 1).unwrap();
    panic!("the {} is missing", "table");
}

#[tokio::test]
async fn panicked_is_error_and_says_where() {
    let recording = Recording::new();
    let _set = recording.set_default();
    assert_eq!(request().scope(async { panic_quietly().await }).await, Err(TaskError::Panicked));

    let event = recording.outcome("panic_quietly");
    assert_eq!(event.level, Level::ERROR);
    let line = PANICS_AT.get().unwrap();
    let error = format!("the table is missing at tests/tests/events.rs:{line}:5");
    assert_eq!(event.field("error"), Some(&*error));
    assert_eq!(
        event.fields.names(),
        ["message", "task", "task.id", "outcome", "elapsed_ms", "error", "caller", "user_id"]
    );
    assert_eq!(event.field("outcome"), Some("panicked"));
    assert_eq!(event.message(), "task panicked");
}

#[background(timeout = "none", inherit = ["user_id"], level = "debug")]
async fn wait_forever() {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn cancelled_is_info_and_names_the_cause() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let task = request().scope(async { wait_forever() }).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    task.cancel("the order was withdrawn");
    task.await.unwrap_err();

    let event = recording.outcome("wait_forever");
    assert_eq!(event.level, Level::INFO);
    assert_eq!(
        fields(&event),
        [
            ("message", "task cancelled"),
            ("task", "wait_forever"),
            ("outcome", "cancelled"),
            ("elapsed_ms", "2000.0"),
            ("cause", "the order was withdrawn"),
            ("user_id", "7")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn cancelled_by_a_shutdown_is_warn() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let supervisor = Supervisor::new();
    supervisor.scope(request().scope(async { drop(wait_forever()) })).await;
    supervisor.drain(Duration::from_secs(1)).await;

    let event = recording.outcome("wait_forever");
    assert_eq!((event.level, event.field("cause")), (Level::WARN, Some("shutdown")));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_never_started_has_no_elapsed() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let task = request().scope(async { wait_forever() }).await;
    task.cancel("too early");
    assert_eq!(task.await, Err(TaskError::Cancelled(Cause::from("too early"))));
    assert_eq!(recording.outcome("wait_forever").field("elapsed_ms"), None);
}

const NO_CONTEXT: &str = "the value `user_id` is required and no context is in place here; hand it over with \
    `context.scope(..)`, `in_scope` or `#[context]` (`context.scope(f(..))` calls before its scope begins: write \
    `context.scope(async { f(..).await })`)";

#[tokio::test]
async fn rejected_is_error_and_says_why() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let error = wait_forever().await.unwrap_err();
    assert_eq!(error, TaskError::Rejected(Reason::MissingValue { name: "user_id" }));

    let event = recording.outcome("wait_forever");
    assert_eq!(event.level, Level::ERROR);
    assert_eq!(
        fields(&event),
        [("message", "task rejected"), ("task", "wait_forever"), ("outcome", "rejected"), ("reason", NO_CONTEXT),]
    );
    assert_eq!(event.span, Some("wait_forever"));
}

#[test]
fn a_call_outside_a_runtime_says_so() {
    let recording = Recording::new();
    let task = recording.with_default(|| Context::new().with("user_id", 1).with_default_scope(wait_forever));
    assert!(task.is_finished());
    let event = recording.outcome("wait_forever");
    assert!(event.field("reason").unwrap().starts_with("called outside a tokio runtime"), "{event:?}");
    assert_eq!(event.field("user_id"), Some("1"), "the snapshot was taken before the call was rejected");
}

/// A synchronous scope, for a call made outside a runtime.
trait DefaultScope {
    fn with_default_scope<R>(&self, run: impl FnOnce() -> R) -> R;
}

impl DefaultScope for Context {
    fn with_default_scope<R>(&self, run: impl FnOnce() -> R) -> R {
        let mut scope = std::pin::pin!(self.scope(async { run() }));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        match scope.as_mut().poll(&mut cx) {
            std::task::Poll::Ready(value) => value,
            std::task::Poll::Pending => unreachable!("it awaits nothing"),
        }
    }
}

#[background(timeout = "1s", limit = 1, overflow = "wait", start_timeout = "250ms")]
async fn take_turns() {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn rejected_while_waiting_is_reported_in_the_tasks_span() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let first = take_turns();
    assert_eq!(take_turns().await, Err(TaskError::Rejected(Reason::StartTimedOut)));
    first.await.unwrap_err();

    let events = recording.outcomes("take_turns");
    let outcomes: Vec<_> = events.iter().map(|event| (event.field("outcome").unwrap(), event.span)).collect();
    assert_eq!(outcomes, [("rejected", Some("take_turns")), ("timed_out", Some("take_turns"))]);
    assert_eq!(events[0].field("elapsed_ms"), None);
}

#[tokio::test]
async fn the_runtimes_end_is_an_outcome_too() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let task = {
        let _inside = runtime.enter();
        request().with_default_scope(wait_forever)
    };
    runtime.shutdown_background();
    let event = recording.outcome("wait_forever");
    assert_eq!((event.level, event.field("cause")), (Level::WARN, Some("runtime stopped")));
    assert_eq!(event.field("user_id"), Some("7"));
    assert_eq!(task.await, Err(TaskError::Cancelled(Cause::RuntimeStopped)));
}

#[background(timeout = "5s", inherit = ["user_id?", "tenant?"])]
async fn inherit_two() {}

#[tokio::test]
async fn each_inherited_name_is_a_field_and_an_absent_value_is_none() {
    let recording = Recording::new();
    let _set = recording.set_default();
    Context::new().with("tenant", "acme").with("unasked", 1).scope(async { inherit_two().await }).await.unwrap();
    let event = recording.outcome("inherit_two");
    assert_eq!(event.fields.names(), ["message", "task", "task.id", "outcome", "elapsed_ms", "caller", "tenant"]);
    assert_eq!(event.field("tenant"), Some("acme"), "a text is a text");
}

#[background(timeout = "5s", inherit = ["error", "task", "message", "task.id"])]
async fn inherit_our_names() {}

#[tokio::test]
async fn values_named_like_our_fields_stand_beside_them() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let request = Context::new().with("error", 1).with("task", 2).with("message", 3).with("task.id", 4);
    request.scope(async { inherit_our_names().await }).await.unwrap();

    let event = recording.outcome("inherit_our_names");
    let theirs: Vec<_> = event.fields.0.iter().filter(|(name, _)| name.starts_with("inherited.")).collect();
    let expected = [("error", "1"), ("task", "2"), ("message", "3"), ("task.id", "4")];
    assert_eq!(theirs.len(), expected.len());
    for ((name, text), (plain, value)) in theirs.into_iter().zip(expected) {
        assert_eq!((*name, &**text), (&*format!("inherited.{plain}"), value));
    }
    assert_eq!((event.message(), event.field("error")), ("task completed", None));
    // The same names in the span, so that one query finds both.
    assert_eq!(
        recording.span("inherit_our_names").fields.names(),
        ["task.id", "inherited.error", "inherited.task", "inherited.message", "inherited.task.id", "outcome"]
    );
}

#[background(timeout = "5s", name = "renamed")]
async fn original() {}

#[tokio::test]
async fn the_name_option_names_the_task() {
    let recording = Recording::new();
    let _set = recording.set_default();
    original().await.unwrap();
    assert_eq!(recording.outcome("renamed").message(), "task completed");
    assert_eq!(recording.span("renamed").target, "events");
}

#[tokio::test]
async fn without_debug_a_completed_task_says_nothing() {
    let recording = Recording::filtered(|metadata| *metadata.level() <= Level::INFO);
    let _set = recording.set_default();
    request().scope(async { complete() }).await.cancel("test");
    original().await.unwrap();
    assert!(recording.outcomes("renamed").is_empty());
}

#[background(timeout = "5s")]
async fn first_called_without_a_subscriber() {}

#[tokio::test]
async fn a_subscriber_that_comes_later_is_heard() {
    first_called_without_a_subscriber().await.unwrap();
    let recording = Recording::new();
    let _set = recording.set_default();
    first_called_without_a_subscriber().await.unwrap();
    assert_eq!(recording.outcome("first_called_without_a_subscriber").message(), "task completed");
    assert!(!recording.span("first_called_without_a_subscriber").is_open);
}

static TENANT: Key<&str> = Key::new("tenant");

#[background(timeout = "5s", inherit = [TENANT])]
async fn inherit_both_ways(#[inherit] user_id: u64) {
    let _ = user_id;
}

#[tokio::test]
async fn a_first_call_that_is_rejected_leaves_no_name_out() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let tenant = Context::new().with("tenant", "acme");
    tenant.scope(async { inherit_both_ways().await }).await.unwrap_err();
    tenant.with("user_id", 7_u64).scope(async { inherit_both_ways().await }).await.unwrap();
    for event in recording.outcomes("inherit_both_ways") {
        assert_eq!(event.field("tenant"), Some("acme"), "{event:?}");
    }
}
