//! A `Key<T>` and a name meet in one store; the key adds the type.

use detached::{Context, Key, Reason, TaskError, ValueError, background};
use detached_tests::recording::Recording;

#[derive(Clone, Debug, PartialEq)]
struct UserId(u64);

/// Has no `Debug`, so it can only be a sensitive key's.
#[derive(Clone)]
struct Password(&'static str);

static USER_ID: Key<UserId> = Key::new("user_id");
static TENANT: Key<String> = Key::new("tenant");
static TOKEN: Key<String> = Key::new("token").sensitive();
static PASSWORD: Key<Password> = Key::new_sensitive("password");

#[background(timeout = "1h", inherit = [USER_ID, TENANT?])]
async fn look() -> (UserId, Option<String>) {
    (USER_ID.get(), TENANT.try_get().ok())
}

#[tokio::test]
async fn a_key_and_its_name_find_the_same_value() {
    let request = Context::new().with("tenant", "acme".to_owned());
    USER_ID.set(&request, UserId(7));

    assert_eq!(request.get("user_id"), Ok(UserId(7)));
    assert_eq!(TENANT.try_get_in(&request).as_deref(), Ok("acme"));
    assert_eq!(request.names(), ["tenant", "user_id"]);

    USER_ID.set(&request, UserId(8));
    request.insert("tenant", "other".to_owned());
    assert_eq!(request.scope(async { look().await }).await, Ok((UserId(8), Some("other".to_owned()))));
}

#[tokio::test]
async fn a_key_and_its_name_in_one_list_are_one_value() {
    #[background(timeout = "1h", inherit = ["user_id", USER_ID, "tenant?"])]
    async fn names() -> Vec<&'static str> {
        Context::current().names()
    }

    let request = Context::new().with("user_id", UserId(7));
    assert_eq!(request.scope(async { names().await }).await, Ok(vec!["user_id"]));
}

#[tokio::test]
async fn an_optional_key_may_be_absent_and_a_required_one_may_not() {
    let request = Context::new();
    assert_eq!(
        request.scope(async { look().await }).await,
        Err(TaskError::Rejected(Reason::MissingValue { name: "user_id" }))
    );

    USER_ID.set(&request, UserId(7));
    assert_eq!(request.scope(async { look().await }).await, Ok((UserId(7), None)));
}

#[tokio::test]
async fn a_value_of_another_type_rejects_the_call_even_for_an_optional_key() {
    let wrong =
        |name, asked, held| Err(TaskError::Rejected(Reason::WrongType(ValueError::WrongType { name, asked, held })));
    let user = std::any::type_name::<UserId>();

    let request = Context::new().with("user_id", "seven");
    assert_eq!(request.scope(async { look().await }).await, wrong("user_id", user, "&str"));

    let request = Context::new().with("user_id", UserId(7)).with("tenant", 4_u32);
    assert_eq!(request.scope(async { look().await }).await, wrong("tenant", "alloc::string::String", "u32"));
}

#[test]
fn asking_for_another_type_names_both() {
    let context = Context::new().with("user_id", 7_u64);
    let error = USER_ID.try_get_in(&context).expect_err("it is a number");
    assert_eq!(
        error.to_string(),
        format!("the value `user_id` is a `u64`, not a `{}`", std::any::type_name::<UserId>())
    );
    assert_eq!(
        context.get::<i64>("user_id").expect_err("it has no sign").to_string(),
        "the value `user_id` is a `u64`, not a `i64`"
    );
    assert_eq!(context.get("user_id"), Ok(7_u64), "and asking changed nothing");
}

#[test]
#[should_panic(expected = "the context has no value `user_id`")]
fn get_panics_in_words_where_there_is_no_value() {
    let _ = USER_ID.get();
}

#[tokio::test]
async fn a_sensitive_key_is_carried_and_shown_nowhere() {
    #[background(timeout = "1h", inherit = [TOKEN, PASSWORD])]
    async fn login() -> String {
        tracing::info!(context = ?Context::current(), "in the task");
        format!("{} {}", TOKEN.get(), PASSWORD.get().0)
    }

    let recording = Recording::new();
    let _recorded = recording.set_default();
    let request = Context::new();
    TOKEN.set(&request, "t0ken".to_owned());
    PASSWORD.set(&request, Password("passw0rd"));

    assert_eq!(request.scope(async { login().await }).await.as_deref(), Ok("t0ken passw0rd"));
    let shown = format!("{}{request:?}", recording.text());
    assert!(shown.contains("login") && shown.contains("in the task"), "something was recorded: {shown}");
    assert!(!shown.contains("t0ken") && !shown.contains("passw0rd"), "{shown}");
}

#[tokio::test]
async fn a_parameter_is_inherited_by_a_key() {
    #[background(timeout = "1h")]
    async fn by_key(
        page: &str,
        #[inherit(USER_ID)] user: UserId,
        #[inherit(TENANT)] tenant: Option<String>,
        #[inherit(self::PASSWORD)] Password(password): Password,
    ) -> (String, UserId, Option<String>, &'static str, Vec<&'static str>) {
        (page.to_owned(), user, tenant, password, Context::current().names())
    }

    let recording = Recording::new();
    let _set = recording.set_default();
    let request = Context::new().with(USER_ID, UserId(7)).with(PASSWORD, Password("passw0rd"));
    let seen = request.scope(async { by_key("/").await }).await;
    let names = vec!["user_id", "password"];
    assert_eq!(seen, Ok(("/".to_owned(), UserId(7), None, "passw0rd", names)));

    let request = request.with(TENANT, "acme".to_owned());
    let seen = request.scope(async { by_key("/").await }).await;
    let names = vec!["user_id", "tenant", "password"];
    assert_eq!(seen, Ok(("/".to_owned(), UserId(7), Some("acme".to_owned()), "passw0rd", names)));

    let end = recording.outcomes("by_key").pop().unwrap();
    assert_eq!(
        [end.field("user_id"), end.field("tenant"), end.field("password")],
        [Some("UserId(7)"), Some("acme"), None]
    );
}

#[tokio::test]
async fn a_parameter_by_a_key_that_is_missing_or_of_another_type_rejects_the_call() {
    #[background(timeout = "1h", inherit = ["page?"])]
    async fn by_key(#[inherit(USER_ID)] _user: UserId, #[inherit(TENANT)] _tenant: Option<String>) {}

    let recording = Recording::new();
    let _set = recording.set_default();
    let tenant = Context::new().with(TENANT, "acme".to_owned()).with("page", "/");
    let missing = Err(TaskError::Rejected(Reason::MissingValue { name: "user_id" }));
    assert_eq!(tenant.scope(async { by_key().await }).await, missing);
    let end = recording.outcomes("by_key").pop().unwrap();
    assert_eq!([end.field("page"), end.field("tenant")], [Some("/"), Some("acme")], "what is there is told");

    let wrong = Context::new().with(USER_ID, UserId(7)).with("tenant", 4_u32);
    let (asked, held) = (std::any::type_name::<String>(), "u32");
    let wrong_type = Reason::WrongType(ValueError::WrongType { name: "tenant", asked, held });
    assert_eq!(wrong.scope(async { by_key().await }).await, Err(TaskError::Rejected(wrong_type)));
}

#[tokio::test]
async fn a_key_may_be_a_parameters_and_in_the_list_and_in_a_group() {
    static WHO: (Key<UserId>, detached::Optional<Key<String>>) = (USER_ID, TENANT.optional());

    #[background(timeout = "1h", inherit = [WHO, USER_ID])]
    async fn twice(#[inherit(USER_ID)] user: UserId) -> (UserId, Vec<&'static str>) {
        (user, Context::current().names())
    }

    let request = Context::new().with(USER_ID, UserId(7));
    assert_eq!(request.scope(async { twice().await }).await, Ok((UserId(7), vec!["user_id"])));
}

#[test]
fn a_key_goes_wherever_a_name_goes() {
    let context = Context::new().with(USER_ID, UserId(7)).with("page", "/");
    context.insert(TENANT, "acme".to_owned());
    // Types that have no `Debug`, of sensitive keys.
    context.insert(PASSWORD, Password("passw0rd"));
    let context = context.with(PASSWORD, Password("passw0rd")).with(TOKEN, "t0ken".to_owned());

    assert_eq!(context.get(USER_ID), Ok(UserId(7)));
    assert_eq!(context.get::<UserId>("user_id"), Ok(UserId(7)));
    assert_eq!(context.get::<UserId>(USER_ID), Ok(UserId(7)));
    assert_eq!(context.get(TENANT).as_deref(), Ok("acme"));
    assert_eq!(context.get(PASSWORD).unwrap().0, "passw0rd");
    assert_eq!(context.get::<Password>("password").unwrap().0, "passw0rd");
    assert_eq!(Context::new().get(USER_ID), Err(ValueError::Absent { name: "user_id" }));
    let shown = format!("{context:?}");
    assert!(shown.contains("UserId(7)") && shown.contains("acme"), "{shown}");
    assert!(!shown.contains("passw0rd") && !shown.contains("t0ken"), "{shown}");

    // A key says how its value is shown; a call may still say that one is not.
    let context = Context::new().with_sensitive(TENANT, "acme".to_owned());
    context.insert_sensitive(USER_ID, UserId(7));
    assert_eq!((context.get(USER_ID), context.get(TENANT).as_deref()), (Ok(UserId(7)), Ok("acme")));
    assert!(!format!("{context:?}").contains("acme"));
    // One type parameter, as it always was.
    let context = Context::new().with::<u64>("n", 1);
    context.insert::<i8>("m", -1);
    assert_eq!((context.get::<u64>("n"), context.get::<i8>("m")), (Ok(1), Ok(-1)));
}
