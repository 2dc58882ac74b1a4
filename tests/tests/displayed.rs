//! Values as people write them: a key that is one of `display`, and what is set so, are shown with `Display` wherever a value is.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use detached::testing::TestSupervisor;
use detached::{Context, Key, Observer, Outcome, OutcomeKind, Supervisor, TaskInfo, background};
use detached_tests::recording::Recording;

#[derive(Clone, Debug, PartialEq)]
struct UserId(u64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "u-{}", self.0)
    }
}

static USER_ID: Key<UserId> = Key::new("user_id").display();
static PLAIN: Key<UserId> = Key::new("user_id");
static TENANT: Key<&str> = Key::new("tenant").display();
static VISITS: Key<u32> = Key::new("visits").display();

#[background(timeout = "5s", inherit = ["user_id", "tenant?", "visits?"])]
async fn fail() -> Result<(), &'static str> {
    Err("no")
}

/// The values that observers are handed, as text.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Observer for Heard {
    fn on_end(&self, task: &TaskInfo, _: &Outcome<'_>) {
        let values: Vec<_> = task.values().map(|(name, value)| format!("{name}={value:?}")).collect();
        self.0.lock().unwrap().push(values.join(" "));
    }
}

#[tokio::test]
async fn a_value_is_shown_as_its_key_says_wherever_it_is_shown() {
    let inserted = Context::new();
    inserted.insert_display("user_id", UserId(7));
    let set = Context::new();
    USER_ID.set(&set, UserId(7));
    let displayed = [
        Context::new().with(USER_ID, UserId(7)),
        Context::new().with_display("user_id", UserId(7)),
        Context::new().with_display(PLAIN, UserId(7)),
        inserted,
        set,
    ];
    let debugged = [Context::new().with(PLAIN, UserId(7)), Context::new().with("user_id", UserId(7))];
    let all =
        displayed.map(|context| (context, "u-7")).into_iter().chain(debugged.map(|context| (context, "UserId(7)")));
    for (context, shown) in all {
        let (recording, heard) = (Recording::new(), Heard::default());
        let _set = recording.set_default();
        let supervisor = Supervisor::builder().observer(heard.clone()).build();
        let task = supervisor.scope(context.scope(async { fail() })).await;
        assert!(supervisor.tasks()[0].to_string().ends_with(&format!(", user_id: {shown}")));
        task.await.unwrap().unwrap_err();

        assert_eq!(recording.outcome("fail").field("user_id"), Some(shown));
        assert_eq!(recording.span("fail").field("user_id"), Some(shown));
        assert_eq!(*heard.0.lock().unwrap(), [format!("user_id={shown}")]);
        assert!(format!("{context:?}").contains(&format!("\"user_id\": {shown}")), "{context:?}");
        assert_eq!(context.get(USER_ID), Ok(UserId(7)), "only how it is shown differs");
    }
}

#[tokio::test]
async fn numbers_and_text_are_what_they_are() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let request = Context::new().with(USER_ID, UserId(7)).with(TENANT, "acme corp").with(VISITS, 3);
    request.scope(async { fail().await }).await.unwrap().unwrap_err();
    // As text, the recording has a number and a displayed value alike; a text is told as one, without quotes.
    assert_eq!(recording.outcome("fail").field("tenant"), Some("acme corp"));
    assert_eq!(recording.outcome("fail").field("visits"), Some("3"));
}

#[tokio::test(start_paused = true)]
async fn a_test_and_a_child_see_it_so_too() {
    let test = TestSupervisor::new();
    test.expect("fail", OutcomeKind::Failed);
    test.run(Context::new().with(USER_ID, UserId(7)).child().scope(async { drop(fail()) })).await;
    assert_eq!(test.outcomes()[0].values, [("user_id", "u-7".to_owned())]);
    test.supervisor().drain(Duration::ZERO).await;
}

/// A `Display` that panics, or says a line end, costs its own text and nothing else.
#[derive(Clone, Debug)]
struct Hostile(bool);

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(!self.0, "not to be shown");
        f.write_str("7\nERROR all is lost")
    }
}

#[tokio::test]
async fn a_hostile_display_is_contained_and_stays_on_its_line() {
    for (panics, shown) in [(true, "<panicked while shown>"), (false, r"7\nERROR all is lost")] {
        let recording = Recording::new();
        let _set = recording.set_default();
        let request = Context::new().with_display("user_id", Hostile(panics));
        request.scope(async { fail().await }).await.unwrap().unwrap_err();
        assert_eq!(recording.outcome("fail").field("user_id"), Some(shown));
    }
}
