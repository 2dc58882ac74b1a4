//! What a stored call inherits.

use detached::durable::{Executed, Registry, StoreError, Stored};
use detached::testing::{Inline, Recorded, TestSupervisor};
use detached::{Context, Key, Optional, Reason, Supervisor, background};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::functions::Seen;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct UserId(u64);

static USER_ID: Key<UserId, Stored> = Key::new("user_id").stored();
static TENANT: Key<String, Stored> = Key::new("tenant").stored();
static TOKEN: Key<String, Stored> = Key::new("token").sensitive().stored();
static REQUEST: (Key<UserId, Stored>, Optional<Key<String, Stored>>) = (USER_ID, TENANT.optional());

#[background(durable = "mail", timeout = "30s", inherit = [USER_ID, TENANT?, TOKEN])]
async fn listed(#[state] seen: Seen) {
    let tenant = TENANT.try_get().ok();
    seen.note(format!("{:?} {tenant:?} {} {:?}", USER_ID.get(), TOKEN.get(), Context::current()));
}

#[background(durable = "mail", timeout = "30s", inherit = [REQUEST])]
async fn grouped(#[state] seen: Seen) {
    seen.note(format!("{:?} {:?}", USER_ID.get(), TENANT.try_get().ok()));
}

#[background(durable = "mail", timeout = "30s")]
async fn by_parameter(
    #[inherit(USER_ID)] UserId(user): UserId,
    #[inherit(TENANT)] tenant: Option<String>,
    #[state] seen: Seen,
) {
    seen.note(format!("{user} {tenant:?}, in context: {:?}", Context::current().names()));
}

#[background(durable = "mail", timeout = "30s", inherit = [REQUEST?])]
async fn optional(#[state] seen: Seen) {
    seen.note(format!("{:?}", USER_ID.try_get().ok()));
}

#[background(durable = "mail", timeout = "30s", inherit = [USER_ID])]
async fn passed(#[context] context: Context, text: String, #[state] seen: Seen) {
    seen.note(format!("{text} {:?} {:?}", context.get(USER_ID), context.is_cancelled()));
}

fn inline(seen: &Seen) -> TestSupervisor {
    TestSupervisor::with(Supervisor::builder().store(Inline::new().state(seen.clone())))
}

fn request() -> Context {
    Context::new().with(USER_ID, UserId(7)).with(TOKEN, "s3cret".to_owned()).with("not_listed", 1)
}

#[tokio::test(start_paused = true)]
async fn values_of_keys_and_groups_are_in_place_where_the_call_is_run() {
    let seen = Seen::default();
    let test = inline(&seen);
    let calls = async {
        listed().await.unwrap();
        grouped().await.unwrap();
        by_parameter().await.unwrap();
        optional().await.unwrap();
    };
    test.run(request().scope(calls)).await;
    let context = r#"Context { values: {"user_id": UserId(7), "attempt": 1}"#;
    let all = seen.all();
    assert!(all[0].starts_with(&format!("UserId(7) None s3cret {context}")), "{}", all[0]);
    assert_eq!(all[1], "UserId(7) None");
    assert_eq!(all[2], r#"7 None, in context: ["user_id", "attempt"]"#);
    assert_eq!(all[3], "Some(UserId(7))");

    let tenant = "acme".to_owned();
    test.run(request().with(TENANT, tenant).scope(async { grouped().await.unwrap() })).await;
    assert_eq!(seen.all()[4], r#"UserId(7) Some("acme")"#);
    test.run(async { optional().await.unwrap() }).await;
    assert_eq!(seen.all()[5], "None");
}

#[tokio::test]
async fn only_what_is_listed_is_stored() {
    let recorded = Recorded::new();
    let supervisor = Supervisor::builder().store(recorded.clone()).build();
    supervisor.scope(request().scope(async { listed().await })).await.unwrap();
    let inherited = serde_json::Value::Object(recorded.jobs()[0].envelope.inherited.clone());
    assert_eq!(inherited, json!({"user_id": 7, "token": "s3cret"}));
}

#[tokio::test]
async fn a_value_that_is_missing_or_another_rejects_the_call() {
    let recorded = Recorded::new();
    let supervisor = Supervisor::builder().store(recorded.clone()).build();
    for context in [Context::new(), Context::new().with(TENANT, "acme".to_owned())] {
        for call in [listed, grouped, by_parameter] {
            let error = supervisor.scope(context.scope(async { call().await })).await.unwrap_err();
            let StoreError::Rejected(reason) = error else { panic!("{error:?}") };
            assert_eq!(reason, Reason::MissingValue { name: "user_id" });
        }
    }
    let other = Context::new().with("user_id", 7_u8);
    for call in [grouped, optional] {
        let error = supervisor.scope(other.scope(async { call().await })).await.unwrap_err();
        assert!(matches!(error, StoreError::Rejected(Reason::WrongType(_))), "{error:?}");
    }
    assert!(recorded.jobs().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_value_that_was_not_stored_or_cannot_be_read_is_not_here() {
    let recorded = Recorded::new();
    let supervisor = Supervisor::builder().store(recorded.clone()).build();
    supervisor.scope(request().scope(async { by_parameter().await })).await.unwrap();
    let mut registry = Registry::new();
    registry.state(Seen::default());
    registry.register::<by_parameter>().unwrap();
    let mut old = recorded.jobs()[0].envelope.clone();
    old.inherited.clear();
    assert_eq!(registry.execute(&mut old).await, Executed::NotHere);
    assert_eq!(old.error.as_deref(), Some("the inherited value `user_id` cannot be read: it was not stored"));
    old.inherited.insert("user_id".to_owned(), json!("seven"));
    assert_eq!(registry.execute(&mut old).await, Executed::NotHere);
    let error = old.error.unwrap();
    assert!(error.starts_with("the inherited value `user_id` cannot be read: invalid type: string"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_context_that_is_passed_is_the_callers_and_the_body_has_its_own() {
    let seen = Seen::default();
    let context = request();
    context.cancel("the client went away");
    inline(&seen).run(async { passed(context, "text".into()).await.unwrap() }).await;
    assert_eq!(seen.all(), ["text Ok(UserId(7)) false"]);
}
