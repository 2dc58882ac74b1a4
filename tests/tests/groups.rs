//! A tuple of carriers is a carrier: one list for many functions.

use detached::{Context, Inherit, Key, Optional, Reason, Task, TaskError, ValueError, background};
use detached_tests::recording::Recording;
use tokio::task::LocalKey;

#[derive(Clone, Debug, PartialEq)]
struct UserId(u64);

static USER_ID: Key<UserId> = Key::new("user_id");
static TENANT: Key<String> = Key::new("tenant");
static TOKEN: Key<&str> = Key::new("token").sensitive();

tokio::task_local! {
    static LOCALE: &'static str;
}

type Who = (Key<UserId>, Optional<Key<String>>);
type Locale = LocalKey<&'static str>;

static WHO: Who = (USER_ID, TENANT.optional());
static REQUEST: (Who, &Locale, &str, Key<&str>) = ((USER_ID, TENANT.optional()), &LOCALE, "page?", TOKEN);
static BY_REFERENCE: (&Who, Optional<&Locale>) = (&WHO, Optional::new(&LOCALE));
static SINGLE: (Key<UserId>,) = (USER_ID,);
static IF_KNOWN: Optional<&Who> = Optional::new(&WHO);

type Seen = (Vec<&'static str>, Option<&'static str>);

fn seen() -> Seen {
    (Context::current().names(), LOCALE.try_with(|locale| *locale).ok())
}

#[background(timeout = "1h", inherit = [REQUEST])]
async fn whole() -> Seen {
    seen()
}

#[background(timeout = "1h", inherit = [REQUEST?])]
async fn each_optional() -> Seen {
    seen()
}

#[background(timeout = "1h", inherit = [BY_REFERENCE, SINGLE])]
async fn by_reference() -> Seen {
    seen()
}

#[background(timeout = "1h", inherit = [IF_KNOWN])]
async fn if_known() -> Seen {
    seen()
}

const GROUPED: [fn() -> Task<Seen>; 4] = [whole, each_optional, by_reference, if_known];

fn missing(name: &'static str) -> Result<Seen, TaskError> {
    Err(TaskError::Rejected(Reason::MissingValue { name }))
}

fn full() -> Context {
    let request = Context::new().with(USER_ID, UserId(7)).with(TENANT, "acme".to_owned()).with("page", "/");
    request.with(TOKEN, "t0ken").with("not listed", 1)
}

#[tokio::test]
async fn a_group_carries_what_its_parts_do() {
    let call = |call: fn() -> Task<Seen>| full().scope(LOCALE.scope("fr", async move { call().await }));
    let all = vec!["user_id", "tenant", "page", "token"];
    let who = vec!["user_id", "tenant"];
    let expected = [(all.clone(), Some("fr")), (all, Some("fr")), (who.clone(), Some("fr")), (who, None)];
    for (function, expected) in GROUPED.into_iter().zip(expected) {
        assert_eq!(call(function).await, Ok(expected));
    }
}

#[tokio::test]
async fn a_required_part_that_is_missing_is_named() {
    let user = Context::new().with(USER_ID, UserId(7));
    let in_locale = |context: Context| LOCALE.scope("fr", context.scope(async { whole().await }));
    assert_eq!(in_locale(Context::new()).await, missing("user_id"));
    assert_eq!(in_locale(user.clone()).await, missing("token"));
    assert_eq!(in_locale(user.clone().with(TOKEN, "t0ken")).await, Ok((vec!["user_id", "token"], Some("fr"))));

    // tokio gives a task-local no name; its type says which part is missing.
    let local = std::any::type_name::<&'static Locale>();
    assert_eq!(user.with(TOKEN, "t0ken").scope(async { whole().await }).await, missing(local));
}

#[tokio::test]
async fn a_question_mark_makes_every_part_optional() {
    assert_eq!(each_optional().await, Ok((vec![], None)));
    assert_eq!(if_known().await, Ok((vec![], None)));
    let tenant = Context::new().with(TENANT, "acme".to_owned());
    assert_eq!(tenant.scope(async { each_optional().await }).await, Ok((vec!["tenant"], None)));
    assert_eq!(tenant.scope(async { if_known().await }).await, Ok((vec!["tenant"], None)));
    assert_eq!(tenant.scope(async { by_reference().await }).await, missing("user_id"));
}

#[tokio::test]
async fn a_part_of_another_type_rejects_the_call_though_it_is_optional() {
    let request = Context::new().with(USER_ID, UserId(7)).with("tenant", 5_u8);
    let asked = std::any::type_name::<String>();
    let wrong = Reason::WrongType(ValueError::WrongType { name: "tenant", asked, held: "u8" });
    for function in [each_optional, by_reference, if_known] {
        let task = request.scope(async { function() }).await;
        assert_eq!(task.await, Err(TaskError::Rejected(wrong.clone())));
    }
}

#[tokio::test]
async fn spans_and_events_have_a_field_for_each_part() {
    let recording = Recording::new();
    let _set = recording.set_default();
    full().scope(LOCALE.scope("fr", async { whole().await })).await.unwrap();
    let (span, event) = (recording.span("whole"), recording.outcome("whole"));
    for (name, shown) in [
        ("user_id", Some("UserId(7)")),
        ("tenant", Some("acme")),
        ("page", Some("/")),
        ("token", None),
        ("LOCALE", None),
    ] {
        assert_eq!((span.field(name), event.field(name)), (shown, shown), "{name}");
    }
}

#[tokio::test]
async fn the_first_call_may_be_rejected_and_the_fields_are_there_for_the_next() {
    #[background(timeout = "1h", inherit = [WHO])]
    async fn who() {}

    let recording = Recording::new();
    let _set = recording.set_default();
    who().await.unwrap_err();
    let tenant = Context::new().with(USER_ID, UserId(7)).with(TENANT, "acme".to_owned());
    tenant.scope(async { who().await }).await.unwrap();
    let ends = recording.outcomes("who");
    assert_eq!((ends[0].field("outcome"), ends[0].field("tenant")), (Some("rejected"), None));
    assert_eq!((ends[1].field("user_id"), ends[1].field("tenant")), (Some("UserId(7)"), Some("acme")));
}

#[tokio::test]
async fn the_builder_takes_any_carrier_and_several_of_them() {
    let task = || detached::task("built").no_timeout();
    let call = |task: detached::TaskBuilder<detached::Bounded>| {
        let spawn = async { task.spawn(async { Ok::<_, std::fmt::Error>(seen()) }) };
        full().scope(LOCALE.scope("fr", spawn))
    };
    let all = vec!["user_id", "tenant", "page", "token"];
    assert_eq!(call(task().inherit(&REQUEST)).await.await, Ok(Ok((all, Some("fr")))));
    let several = task().inherit(&USER_ID).inherit(&"page").inherit(&LOCALE).inherit(&"absent?");
    assert_eq!(call(several).await.await, Ok(Ok((vec!["user_id", "page"], Some("fr")))));

    let rejected = call(task().inherit(&USER_ID).inherit(&"absent")).await.await;
    assert_eq!(rejected, Err(TaskError::Rejected(Reason::MissingValue { name: "absent" })));
    let rejected = task().inherit(&WHO).inherit(&LOCALE).spawn(async {}).await;
    assert_eq!(rejected, Err(TaskError::Rejected(Reason::MissingValue { name: "user_id" })));
}

#[tokio::test]
async fn the_builder_has_the_fields_of_what_each_place_of_call_lists() {
    let recording = Recording::new();
    let _set = recording.set_default();
    // One place, with a longer list each time.
    for (carriers, expected) in [(0, [None, None]), (1, [Some("UserId(7)"), None]), (2, [Some("UserId(7)"), Some("/")])]
    {
        let mut task = detached::task("grows").no_timeout().context(&full());
        if carriers > 0 {
            task = task.inherit(&SINGLE);
        }
        if carriers > 1 {
            task = task.inherit(&"page?");
        }
        task.spawn(async {}).await.unwrap();
        let end = recording.outcomes("grows").pop().unwrap();
        assert_eq!([end.field("user_id"), end.field("page")], expected);
    }
}

#[tokio::test]
async fn a_group_may_have_twelve_parts() {
    const fn key(name: &'static str) -> Key<u8> {
        Key::new(name)
    }
    type K = Key<u8>;
    static TWELVE: (K, K, K, K, K, K, K, K, K, K, K, K) = (
        key("0"),
        key("1"),
        key("2"),
        key("3"),
        key("4"),
        key("5"),
        key("6"),
        key("7"),
        key("8"),
        key("9"),
        key("10"),
        key("11"),
    );
    #[background(timeout = "1h", inherit = [TWELVE])]
    async fn names() -> Vec<&'static str> {
        Context::current().names()
    }

    let mut listed = Vec::new();
    TWELVE.names(&mut |name| listed.push(name));
    assert_eq!(listed, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]);
    let request = listed.iter().fold(Context::new(), |context, name| context.with(*name, 0_u8));
    assert_eq!(request.scope(async { names().await }).await, Ok(listed));
}
