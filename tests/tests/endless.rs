//! What has no end when it is shown, or when its sources are followed, is shown in part.

use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::sync::{Arc, Mutex};

use detached::{Context, Observer, Outcome, Supervisor, TaskInfo, background};
use detached_tests::recording::{RecordedEvent, Recording};

/// As the docs have it.
const LONGEST: usize = 16 * 1024;

/// A context that is stored in itself is not freed; nor is this, so that the tests are about showing alone.
fn in_itself() -> Context {
    let context = Context::new().with("user_id", 7_u64);
    context.insert("itself", context.clone());
    context
}

#[derive(Clone, Debug)]
#[allow(dead_code)] // read by its `Debug`
struct Session {
    context: Context,
}

#[background(timeout = "5s", inherit = ["itself", "user_id?"])]
async fn inherits() -> String {
    format!("{:?}", Context::current())
}

#[test]
fn a_context_in_itself_is_shown_some_levels_deep() {
    let text = format!("{:?}", in_itself());
    assert!(
        text.starts_with(r#"Context { values: {"user_id": 7, "itself": Context { values: {"user_id": 7, "#),
        "{text}"
    );
    assert!(text.contains(r#""itself": …"#), "{text}");
    assert_eq!(text.matches("user_id").count(), 5, "{text}");

    // Whatever stands in between.
    let context = Context::new();
    context.insert("session", Session { context: context.clone() });
    context.insert("list", vec![Some(Arc::new(context.clone()))]);
    let text = format!("{context:?}");
    assert!(text.contains(r#""session": Session { context: Context { values: {"#), "{text}");

    let (one, other) = (Context::new(), Context::new());
    one.insert("other", other.clone());
    other.insert("one", one.clone());
    let text = format!("{other:?}");
    assert!(text.starts_with(r#"Context { values: {"one": Context { values: {"other": "#), "{text}");
}

#[test]
fn a_context_that_is_in_itself_many_times_is_shown_in_part() {
    const NAMES: [&str; 16] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"];
    let context = Context::new();
    NAMES.into_iter().for_each(|name| context.insert(name, context.clone()));
    let text = format!("{context:?}");
    // Each value has its bound.
    assert!(text.len() < NAMES.len() * (LONGEST + 100), "{}", text.len());
    assert!(text.contains('…'));
}

#[tokio::test]
async fn a_task_inherits_a_context_that_is_in_itself() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let text = in_itself().scope(async { inherits().await }).await.unwrap();
    assert!(text.starts_with(r#"Context { values: {"itself": Context { values: {"user_id": 7, "itself": "#), "{text}");
    for shown in [recording.span("inherits").fields, recording.outcome("inherits").fields] {
        let itself = shown.get("itself").unwrap();
        assert!(itself.starts_with(r#"Context { values: {"user_id": 7, "itself": Context"#), "{itself}");
        assert_eq!(shown.get("user_id"), Some("7"));
    }

    let supervisor = Supervisor::new();
    let _task = supervisor.scope(in_itself().scope(async { inherits() })).await;
    let tasks = supervisor.tasks();
    assert!(tasks[0].to_string().contains("itself: Context {") && tasks[0].to_string().ends_with("user_id: 7"));
    assert!(format!("{tasks:?}").contains("user_id: 7"));
}

/// Writes on and on, as long as it may.
#[derive(Clone)]
struct Chatter;

impl Debug for Chatter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        loop {
            f.write_str("blah ")?;
        }
    }
}

impl Display for Chatter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        loop {
            f.write_str("bläh ")?;
        }
    }
}

impl Error for Chatter {}

#[background(timeout = "5s", inherit = ["chatter"])]
async fn chatters() -> Result<(), Chatter> {
    Err(Chatter)
}

#[background(timeout = "5s")]
async fn chatters_by_display() -> Result<(), ByDisplay> {
    Err(ByDisplay(Chatter))
}

struct ByDisplay(Chatter);

impl Display for ByDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

#[tokio::test]
async fn a_text_without_end_is_cut() {
    let recording = Recording::new();
    let _set = recording.set_default();
    Context::new().with("chatter", Chatter).scope(async { chatters().await }).await.unwrap().unwrap_err();
    let event = recording.outcome("chatters");
    assert_cut(event.field("chatter").unwrap(), "blah ");
    assert_cut(event.field("error").unwrap(), "bläh ");

    chatters_by_display().await.unwrap().unwrap_err();
    assert_cut(recording.outcome("chatters_by_display").field("error").unwrap(), "bläh ");
}

#[background(timeout = "5s", inherit = ["said"])]
async fn repeats() {}

#[tokio::test]
async fn a_text_that_is_long_is_cut_as_well() {
    let recording = Recording::new();
    let _set = recording.set_default();
    // Of two bytes each, so that the cut is between two of them.
    let said = "x".to_owned() + &"ä".repeat(LONGEST);
    let request = Context::new().with("said", said);
    request.in_scope(repeats).await.unwrap();
    assert_cut(recording.outcome("repeats").field("said").unwrap(), "xä");
    assert_cut(recording.span("repeats").field("said").unwrap(), "xä");
    for (length, is_cut) in [(LONGEST, false), (LONGEST + 1, true)] {
        request.insert("said", "y".repeat(length));
        let task = request.in_scope(|| detached::task("says").inherit(&"said").no_timeout().spawn(async {}));
        task.await.unwrap();
        let event = recording.outcomes("says").pop().unwrap();
        assert_eq!(event.field("said").unwrap().ends_with('…'), is_cut);
    }
}

#[track_caller]
fn assert_cut(text: &str, word: &str) {
    assert!(text.ends_with('…') && text.starts_with(word), "{}", text.len());
    assert!((LONGEST - 10..=LONGEST + 3).contains(&text.len()), "{}", text.len());
}

/// Its source is itself, or another that leads back to it.
#[derive(Clone, Copy, Debug)]
enum Looped {
    Itself,
    There,
    Back,
}

static LOOPED: [Looped; 2] = [Looped::There, Looped::Back];

impl Display for Looped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Error for Looped {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Itself => Some(self),
            Self::There => Some(&LOOPED[1]),
            Self::Back => Some(&LOOPED[0]),
        }
    }
}

#[background(timeout = "5s")]
async fn looped(error: Looped) -> Result<(), Looped> {
    Err(error)
}

#[background(timeout = "5s")]
async fn looped_in_anyhow(error: Looped) -> anyhow::Result<()> {
    Err(anyhow::Error::new(error).context("no audit row"))
}

#[background(timeout = "5s")]
async fn looped_in_a_box(error: Looped) -> Result<(), Box<dyn Error + Send>> {
    Err(Box::new(error))
}

/// The chains that it was told.
#[derive(Clone, Default)]
struct Chains(Arc<Mutex<Vec<String>>>);

impl Observer for Chains {
    fn on_end(&self, _: &TaskInfo, outcome: &Outcome<'_>) {
        if let Outcome::Failed(failure) = outcome {
            self.0.lock().unwrap().push(failure.chain());
        }
    }
}

#[tokio::test]
async fn sources_that_lead_back_are_followed_for_a_while() {
    // The recording follows the sources of what it is given, as formatters do.
    let (recording, chains) = (Recording::new(), Chains::default());
    let _set = recording.set_default();
    let supervisor = Supervisor::builder().observer(chains.clone()).build();
    let calls = async {
        let _ = looped(Looped::Itself).await.unwrap();
        let _ = looped(Looped::There).await.unwrap();
        let _ = looped_in_anyhow(Looped::Back).await.unwrap();
        let _ = looped_in_a_box(Looped::Itself).await.unwrap();
    };
    supervisor.scope(calls).await;

    let error = |event: RecordedEvent| event.field("error").unwrap().to_owned();
    let failed = recording.events().into_iter().filter(|event| event.field("outcome") == Some("failed"));
    let shown: Vec<_> = failed.map(error).collect();
    let told = chains.0.lock().unwrap().clone();
    for texts in [shown, told] {
        let begin = [
            "Itself: Itself: Itself: ",
            "There: Back: There: Back: ",
            "no audit row: Back: There: Back: ",
            "Itself: Itself: ",
        ];
        for (text, begin) in texts.iter().zip(begin) {
            assert!(text.starts_with(begin) && text.ends_with(": …") && text.len() < LONGEST, "{text}");
        }
        assert_eq!(texts.len(), 4);
    }
}

/// Has as many sources as it says, each with a text of its own.
#[derive(Debug)]
struct Nested {
    number: usize,
    padding: usize,
    source: Option<Box<Nested>>,
}

impl Nested {
    fn new(sources: usize, padding: usize) -> Self {
        (0..=sources).fold(None, |source, number| Some(Self { number, padding, source: source.map(Box::new) })).unwrap()
    }
}

impl Display for Nested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, "x".repeat(self.padding))
    }
}

impl Error for Nested {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[background(timeout = "5s")]
async fn nested(sources: usize, padding: usize) -> Result<(), Nested> {
    Err(Nested::new(sources, padding))
}

#[tokio::test]
async fn sources_that_end_are_all_told_and_very_many_are_cut() {
    let (recording, chains) = (Recording::new(), Chains::default());
    let _set = recording.set_default();
    let supervisor = Supervisor::builder().observer(chains.clone()).build();
    let calls = async {
        for (sources, padding) in [(2, 0), (20, 0), (32, 0), (33, 0), (2_000, 0), (4, 5_000)] {
            nested(sources, padding).await.unwrap().unwrap_err();
        }
    };
    supervisor.scope(calls).await;
    let told = chains.0.lock().unwrap().clone();
    let shown: Vec<_> = recording.outcomes("nested").iter().map(|e| e.field("error").unwrap().to_owned()).collect();
    assert_eq!(told[0], "2: 1: 0");
    assert!(told[1].starts_with("20: 19: ") && told[1].ends_with(": 1: 0"));
    assert!(told[2].starts_with("32: 31: ") && told[2].ends_with(": 1: 0"));
    assert!(told[3].starts_with("33: 32: ") && told[3].ends_with(": 1: …"), "{}", told[3]);
    assert!(told[4].starts_with("2000: 1999: ") && told[4].ends_with(": 1969: 1968: …"), "{}", told[4]);
    assert_eq!(shown, told);
    assert!(told[5].contains(": 0xxx"), "none of them is long, all are told");
}
