//! What a task inherits is taken at the call, and it is what the function lists: nothing less, nothing more.

use std::sync::Arc;

use detached::{Context, Reason, TaskError, ValueError, background};
use detached_tests::recording::Recording;
use tokio::sync::oneshot::{self, Receiver};

#[background(timeout = "1h", inherit = ["user_id", "tenant?"])]
async fn look_later(gate: Receiver<()>) -> Context {
    gate.await.expect("the test opens the gate");
    Context::current()
}

#[tokio::test(start_paused = true)]
async fn what_the_request_changes_after_the_call_is_not_seen_by_the_task() {
    let request = Context::new().with("user_id", 7_u64);
    let (open, gate) = oneshot::channel();
    let task = request.scope(async { look_later(gate) }).await;

    request.insert("user_id", 8_u64);
    request.insert("tenant", "acme");
    open.send(()).expect("the task waits at the gate");

    let context = task.await.expect("the task ended");
    assert_eq!(context.get("user_id"), Ok(7_u64));
    assert_eq!(context.names(), ["user_id"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_request_changed_before_the_call_is_seen_by_the_task() {
    let request = Context::new().with("user_id", 7_u64);
    let (open, gate) = oneshot::channel();
    open.send(()).expect("the gate is there");
    let seen = request
        .scope(async {
            // As an extractor does, which cannot wrap the request.
            Context::current().insert("user_id", 8_u64);
            Context::current().insert("tenant", "acme");
            look_later(gate).await
        })
        .await
        .expect("the task ended");

    assert_eq!(seen.get("user_id"), Ok(8_u64));
    assert_eq!(seen.get("tenant"), Ok("acme"));
}

#[tokio::test(start_paused = true)]
async fn what_a_task_changes_is_not_seen_by_its_origin_nor_by_another_task() {
    #[background(timeout = "1h", inherit = ["user_id"])]
    async fn change() -> u64 {
        let found = Context::current().get("user_id").expect("inherited");
        Context::current().insert("user_id", 100_u64);
        Context::current().insert("note", "mine");
        assert_eq!(Context::current().get("user_id"), Ok(100_u64), "its own store is live");
        found
    }

    let request = Context::new().with("user_id", 7_u64);
    for _ in 0..2 {
        assert_eq!(request.scope(async { change().await }).await, Ok(7));
    }
    assert_eq!(request.get("user_id"), Ok(7_u64));
    assert_eq!(request.names(), ["user_id"]);
}

#[tokio::test(start_paused = true)]
async fn a_nested_call_inherits_from_the_task_and_not_from_the_request() {
    #[background(timeout = "1h", inherit = ["user_id", "tenant?", "note?"])]
    async fn inner() -> Context {
        Context::current()
    }

    #[background(timeout = "1h", inherit = ["user_id"])]
    async fn outer() -> Context {
        Context::current().insert("note", "set by the outer one");
        inner().await.expect("the inner one ended")
    }

    let request = Context::new().with("user_id", 7_u64).with("tenant", "acme").with("note", "the request's");
    let seen = request.scope(async { outer().await }).await.expect("the outer one ended");

    assert_eq!(seen.names(), ["user_id", "note"], "the outer one did not list the tenant");
    assert_eq!(seen.get("note"), Ok("set by the outer one"));
}

#[tokio::test(start_paused = true)]
async fn a_nested_call_that_needs_what_its_caller_did_not_list_is_rejected() {
    #[background(timeout = "1h", inherit = ["tenant"])]
    async fn inner() {}

    #[background(timeout = "1h")]
    async fn outer() -> Result<(), TaskError> {
        inner().await
    }

    let request = Context::new().with("tenant", "acme");
    let inner = request.scope(async { outer().await }).await.expect("the outer one ended");
    assert_eq!(inner, Err(TaskError::Rejected(Reason::MissingValue { name: "tenant" })));
}

#[tokio::test(start_paused = true)]
async fn a_required_value_that_is_absent_rejects_the_call_and_is_reported() {
    #[background(timeout = "1h", inherit = ["user_id", "tenant"])]
    async fn audit(_row: Arc<()>) {
        panic!("the body of a rejected call never runs");
    }

    let recording = Recording::new();
    let _recorded = recording.set_default();
    let row = Arc::new(());
    let task = Context::new().with("user_id", 7_u64).scope(async { audit(Arc::clone(&row)) }).await;

    assert!(task.is_finished(), "known at the call");
    assert_eq!(Arc::strong_count(&row), 1, "the arguments are given back");
    assert_eq!(task.await, Err(TaskError::Rejected(Reason::MissingValue { name: "tenant" })));

    let event = recording.outcome("audit");
    assert_eq!(event.level, tracing::Level::ERROR);
    assert_eq!(event.field("outcome"), Some("rejected"));
    assert_eq!(event.field("reason"), Some("the value `tenant` is required and the caller's context has none"));
    assert_eq!(event.field("user_id"), Some("7"), "and whose request it was");
}

#[tokio::test(start_paused = true)]
async fn a_required_value_is_absent_where_there_is_no_context_at_all() {
    #[background(timeout = "1h", inherit = ["user_id"])]
    async fn audit() {}

    assert_eq!(audit().await, Err(TaskError::Rejected(Reason::MissingValue { name: "user_id" })));
}

#[tokio::test(start_paused = true)]
async fn a_context_passed_by_hand_is_the_origin_instead_of_the_current_one() {
    #[background(timeout = "1h", inherit = ["user_id"])]
    async fn user(#[context] ctx: Context) -> (u64, Vec<&'static str>) {
        (ctx.get("user_id").expect("inherited"), ctx.names())
    }

    let ambient = Context::new().with("user_id", 1_u64);
    let by_hand = Context::new().with("user_id", 2_u64).with("tenant", "acme");
    let seen = ambient.scope(async { user(by_hand).await }).await;
    assert_eq!(seen, Ok((2, vec!["user_id"])), "and what the body sees is the detached one");
}

#[tokio::test(start_paused = true)]
async fn a_parameter_is_filled_from_the_origin() {
    #[background(timeout = "1h")]
    async fn greet(greeting: String, #[inherit] user_id: u64, #[inherit] tenant: Option<&'static str>) -> String {
        format!("{greeting} {user_id} {tenant:?}")
    }

    let request = Context::new().with("user_id", 7_u64);
    let greeting = request.scope(async { greet("hello".to_owned()).await }).await;
    assert_eq!(greeting.as_deref(), Ok("hello 7 None"));

    assert_eq!(greet("hello".to_owned()).await, Err(TaskError::Rejected(Reason::MissingValue { name: "user_id" })));
    let error = Context::new().with("user_id", "seven").scope(async { greet("hello".to_owned()).await }).await;
    let wrong = ValueError::WrongType { name: "user_id", asked: "u64", held: "&str" };
    assert_eq!(error, Err(TaskError::Rejected(Reason::WrongType(wrong))));
}

#[tokio::test(start_paused = true)]
async fn more_values_than_the_snapshot_has_room_for_are_all_carried_in_order() {
    #[background(timeout = "1h", inherit = ["a", "b", "c", "d", "e", "f", "g"])]
    async fn names() -> Vec<&'static str> {
        Context::current().names()
    }

    let all = ["a", "b", "c", "d", "e", "f", "g"];
    let request = all.into_iter().rev().fold(Context::new(), |context, name| context.with(name, name));
    assert_eq!(request.scope(async { names().await }).await.as_deref(), Ok(&all[..]));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_listed_twice_is_carried_once() {
    let request = Context::new().with("user_id", 7_u64);
    let task = detached::task("twice").no_timeout().inherit(&"user_id").inherit(&"user_id?").context(&request);
    let names = task.spawn(async { Ok::<_, String>(Context::current().names()) });
    assert_eq!(names.await, Ok(Ok(vec!["user_id"])));
}
