//! A sensitive value reaches the task, and no text.

use std::fmt;
use std::time::Duration;

use detached::{Context, Key, Observer, Outcome, Supervisor, TaskInfo, background};
use detached_tests::recording::Recording;
use std::sync::{Arc, Mutex};

const SECRET: &str = "swordfish";

/// It could be shown, and must not be.
#[derive(Clone, Debug, PartialEq)]
struct Token(&'static str);

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

static TOKEN: Key<Token> = Key::new("token");

#[background(timeout = "5s", inherit = ["token", "user_id"])]
async fn by_name() -> Result<(), String> {
    assert_eq!(Context::current().get::<Token>("token").unwrap().0, SECRET);
    let text = format!("{:?}", Context::current());
    assert!(!text.contains(SECRET) && text.contains("user_id"), "{text}");
    Err("no".to_owned())
}

#[background(timeout = "5s", inherit = [TOKEN, "user_id"], trace = "child")]
async fn by_key() {
    assert_eq!(TOKEN.get().0, SECRET);
    panic!("no");
}

#[background(timeout = "5s", inherit = ["token", "user_id"], trace = "none")]
async fn forever() {
    std::future::pending().await
}

#[background(timeout = "5s", inherit = ["token", "absent"])]
async fn rejected() {}

#[background(timeout = "5s", inherit = ["user_id"])]
async fn of_wrong_type(#[inherit] token: u64) {
    let _ = token;
}

/// Writes down all that an observer can see.
#[derive(Clone, Default)]
struct Writes(Arc<Mutex<String>>);

impl Writes {
    fn add(&self, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }
}

impl Observer for Writes {
    fn on_call(&self, task: &TaskInfo) {
        self.add(&format!("{task} {task:?} {:?}", task.values().collect::<Vec<_>>()));
    }

    fn on_start(&self, task: &TaskInfo) {
        self.on_call(task);
    }

    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        self.on_call(task);
        self.add(&format!("{outcome:?} {:?}", Context::current()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_sensitive_value_is_in_no_text() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let writes = Writes::default();
    let supervisor = Supervisor::builder().observer(writes.clone()).build();
    let request = Context::new().with_sensitive("token", Token(SECRET)).with("user_id", 7_u64);

    let call_all = async {
        by_name().await.unwrap().unwrap_err();
        by_key().await.unwrap_err();
        writes.add(&format!("{:?}", rejected().await));
        writes.add(&format!("{:?}", of_wrong_type().await));
        forever()
    };
    let running = request.scope(supervisor.scope(call_all)).await;
    tokio::task::yield_now().await;
    for task in supervisor.tasks() {
        writes.add(&format!("{task} {task:?}"));
    }
    writes.add(&format!("{running:?} {request:?} {supervisor:?}"));
    let report = supervisor.drain(Duration::ZERO).await;
    writes.add(&format!("{report} {report:?} {:?} {:?}", supervisor.counts(), running.await));

    let outcomes: Vec<_> = recording.events().iter().filter_map(|e| e.field("outcome").map(str::to_owned)).collect();
    assert_eq!(outcomes, ["failed", "panicked", "rejected", "rejected", "cancelled"]);
    let text = recording.text() + &writes.0.lock().unwrap();
    assert!(text.contains("user_id"), "what may be shown is: {text}");
    assert!(!text.contains(SECRET), "{text}");
    assert!(recording.events().iter().all(|event| event.field("token").is_none()));
}

#[tokio::test]
async fn a_sensitive_key_stays_one_whoever_wants_to_show_it() {
    #[background(timeout = "5s", inherit = ["token"])]
    async fn fail() -> Result<(), &'static str> {
        Err("no")
    }

    static DISPLAYED_FIRST: Key<Token> = Key::new("token").display().sensitive();
    static SENSITIVE_FIRST: Key<Token> = Key::new("token").sensitive().display();
    static NEW_SENSITIVE: Key<Token> = Key::new_sensitive("token").display();

    let recording = Recording::new();
    let _set = recording.set_default();
    for key in [DISPLAYED_FIRST, SENSITIVE_FIRST, NEW_SENSITIVE] {
        let inserted = Context::new();
        inserted.insert_display(key, Token(SECRET));
        let contexts =
            [Context::new().with(key, Token(SECRET)), Context::new().with_display(key, Token(SECRET)), inserted];
        for context in contexts {
            assert!(!format!("{context:?}").contains(SECRET), "{context:?}");
            context.scope(async { fail().await }).await.unwrap().unwrap_err();
        }
    }
    assert_eq!(recording.outcomes("fail").len(), 9);
    assert!(!recording.text().contains(SECRET), "{}", recording.text());
}
