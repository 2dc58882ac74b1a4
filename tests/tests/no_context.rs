//! A call that misses a value says whether the context it was made in lacks it, or no context was in place at all.

use std::time::Duration;

use detached::testing::TestSupervisor;
use detached::{
    Capture, Context, Inherit, Key, Optional, OutcomeKind, Reason, Supervisor, TaskError, ValueError, background,
};
use detached_tests::recording::Recording;
use tokio::task::LocalKey;

static USER_ID: Key<u64> = Key::new("user_id");

tokio::task_local! { static LOCALE: &'static str; }

static USER_THEN_LOCALE: (Key<u64>, &LocalKey<&'static str>) = (USER_ID, &LOCALE);
static LOCALE_AND_USER_IF_KNOWN: (Optional<Key<u64>>, &LocalKey<&'static str>) = (USER_ID.optional(), &LOCALE);

const NO_CONTEXT: &str = "the value `user_id` is required and no context is in place here; hand it over with \
    `context.scope(..)`, `in_scope` or `#[context]`";

fn missing(name: &'static str) -> TaskError {
    TaskError::Rejected(Reason::MissingValue { name })
}

/// The reason that the event of the function's only call gives.
fn reason(recording: &Recording, function: &str) -> String {
    recording.outcome(function).field("reason").unwrap().to_owned()
}

#[background(timeout = "5s", inherit = ["user_id"])]
async fn by_name() {}

#[background(timeout = "5s", inherit = [USER_ID])]
async fn by_key() {}

#[background(timeout = "5s", inherit = [USER_THEN_LOCALE])]
async fn by_group() {}

#[background(timeout = "5s")]
async fn by_parameter(#[inherit] user_id: u64) {
    let _ = user_id;
}

#[background(timeout = "5s")]
async fn by_key_of_a_parameter(#[inherit(USER_ID)] user: u64) {
    let _ = user;
}

#[tokio::test]
async fn outside_of_any_context_the_event_says_so_however_the_value_is_listed() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let builder = detached::task("builder").timeout(Duration::from_secs(5)).inherit(&USER_ID);
    let calls = [by_name(), by_key(), by_group(), by_parameter(), by_key_of_a_parameter(), builder.spawn(async {})];
    for call in calls {
        let function = call.name();
        assert_eq!(call.await, Err(missing("user_id")));
        let reason = reason(&recording, function);
        assert!(reason.starts_with(NO_CONTEXT), "{function}: {reason}");
    }
}

#[tokio::test]
async fn in_a_context_that_lacks_the_value_it_says_that_instead() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let request = Context::new().with("tenant", "acme");
    let calls = request.in_scope(|| [by_name(), by_key(), by_group(), by_parameter(), by_key_of_a_parameter()]);
    for call in calls {
        let function = call.name();
        assert_eq!(call.await, Err(missing("user_id")));
        let says = "the value `user_id` is required and the caller's context has none";
        assert_eq!(reason(&recording, function), says);
    }
}

/// Finds what it carries on the thread, not in a context.
struct Hub;

static HUB: Hub = Hub;

impl Inherit for Hub {
    type Captured = ();

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<()>, ValueError> {
        Ok(None)
    }

    fn enter<R>(&'static self, (): &(), run: impl FnOnce() -> R) -> R {
        run()
    }
}

#[tokio::test]
async fn a_context_is_not_asked_for_where_it_would_not_help() {
    #[background(timeout = "5s", inherit = [LOCALE])]
    async fn by_task_local() {}

    #[background(timeout = "5s", inherit = [HUB])]
    async fn by_carrier() {}

    #[background(timeout = "5s", inherit = [LOCALE_AND_USER_IF_KNOWN])]
    async fn by_group() {}

    let recording = Recording::new();
    let _set = recording.set_default();
    for call in [by_task_local(), by_carrier(), by_group()] {
        let function = call.name();
        assert!(matches!(call.await, Err(TaskError::Rejected(Reason::MissingValue { .. }))));
        let reason = reason(&recording, function);
        assert!(reason.ends_with("is required and there was none to inherit"), "{function}: {reason}");
    }
}

#[tokio::test]
async fn a_call_made_before_its_scope_begins_is_told_how_to_make_it_inside() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let request = Context::new().with(USER_ID, 7);
    assert_eq!(request.scope(by_name()).await, Err(missing("user_id")));
    let reason = reason(&recording, "by_name");
    assert!(reason.contains("`context.scope(f(..))` calls before its scope begins"), "{reason}");
    assert!(reason.ends_with("write `context.scope(async { f(..).await })`)"), "{reason}");
}

#[tokio::test]
async fn the_record_of_a_test_says_it_too() {
    let test = TestSupervisor::new();
    test.expect("by_name", OutcomeKind::Rejected);
    test.run(async { by_name() }).await.await.unwrap_err();
    let detail = &test.outcomes()[0].detail;
    assert!(detail.starts_with(NO_CONTEXT), "{detail}");
}

/// The handle and the report know the reason and no more: what it says is true of both.
#[tokio::test]
async fn what_knows_the_reason_alone_takes_no_side() {
    let supervisor = Supervisor::new();
    let _ = supervisor.drain(Duration::ZERO).await;
    let (outside, inside) =
        (supervisor.in_scope(by_name).await, supervisor.in_scope(|| Context::new().in_scope(by_name)).await);
    assert_eq!(outside, inside);
    let says = "the call was rejected: the value `user_id` is required and there was none to inherit";
    assert_eq!(outside.unwrap_err().to_string(), says);
}
