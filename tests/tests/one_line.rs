//! What a client sent may be repeated in an error, a panic, a cause, a name or a value: it cannot forge a line of the log, nor
//! drive the terminal that shows it.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use detached::testing::TestSupervisor;
use detached::{
    Cause, Context, Key, Observer, Outcome, OutcomeKind, Reason, Supervisor, TaskError, TaskInfo, ValueError,
    background,
};
use detached_tests::recording::{RecordedEvent, Recording};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const HOSTILE: &str = "rosé\r\n2026-01-01 INFO forged\t\0\u{7}\u{8}\u{b}\u{c}\u{1b}[2K\u{7f}\u{85}\u{9b}31m\
                       \u{2028}\u{2029}\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069} 👩\u{200d}🔬 C:\\new \"7\"";

const SHOWN: &str = r#"rosé\r\n2026-01-01 INFO forged\t\u{0}\u{7}\u{8}\u{b}\u{c}\u{1b}[2K\u{7f}\u{85}\u{9b}31m\u{2028}\u{2029}\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069} 👩‍🔬 C:\new "7""#;

#[track_caller]
fn assert_shown(text: impl Display) {
    let text = text.to_string();
    assert!(text.contains(SHOWN), "{text:?}");
    assert_harmless(&text);
}

#[track_caller]
fn assert_harmless(text: &str) {
    assert!(
        !text.contains(|c: char| c.is_control() || "\u{2028}\u{2029}\u{200e}\u{202e}\u{2066}".contains(c)),
        "{text:?}"
    );
}

#[track_caller]
fn error_of(event: &RecordedEvent) -> &str {
    event.field("error").expect("an error")
}

#[test]
fn of_all_characters_those_are_escaped_that_do_not_stay_in_their_place() {
    for c in '\0'..=char::MAX {
        let shown = Cause::from(format!("a{c}b")).to_string();
        let turns = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}'];
        let isolates = ['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || turns.contains(&c) || isolates.contains(&c) {
            assert_eq!(shown, format!("a{}b", c.escape_default()));
        } else {
            assert_eq!(shown, format!("a{c}b"));
        }
    }
}

#[derive(Debug)]
struct Refused {
    text: String,
    source: Option<Box<Refused>>,
}

impl Refused {
    fn new(texts: &[&str]) -> Self {
        let chain = texts.iter().rev();
        let chain =
            chain.fold(None, |source, text| Some(Self { text: (*text).to_owned(), source: source.map(Box::new) }));
        chain.expect("a text")
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Refused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Shows the text as it is.
#[derive(Clone)]
struct Raw(&'static str);

impl Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[background(timeout = "5s")]
async fn as_error(texts: &[&'static str]) -> Result<(), Refused> {
    Err(Refused::new(texts))
}

#[background(timeout = "5s")]
async fn in_anyhow(texts: &[&'static str]) -> anyhow::Result<()> {
    Err(Refused::new(texts).into())
}

#[background(timeout = "5s")]
async fn in_a_box(texts: &[&'static str]) -> Result<(), Box<dyn Error + Send + Sync>> {
    Err(Refused::new(texts).into())
}

#[background(timeout = "5s")]
async fn as_text() -> Result<(), String> {
    Err(HOSTILE.to_owned())
}

#[background(timeout = "5s")]
async fn as_debug() -> Result<(), Raw> {
    Err(Raw(HOSTILE))
}

#[background(timeout = "5s")]
async fn panics() {
    panic!("{HOSTILE}");
}

/// What an observer is told, as text.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Observer for Told {
    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        let mut texts = vec![task.to_string(), format!("{task:?}"), format!("{outcome:?}")];
        match outcome {
            Outcome::Failed(failure) => texts.extend([failure.to_string(), failure.chain()]),
            Outcome::Panicked(panic) => {
                assert_eq!(panic.message(), HOSTILE, "what it said, to the letter");
                texts.push(panic.to_string());
            }
            _ => {}
        }
        self.0.lock().unwrap().extend(texts);
    }
}

#[tokio::test]
async fn errors_and_panics() {
    let (recording, told) = (Recording::new(), Told::default());
    let _set = recording.set_default();
    let supervisor = Supervisor::builder().observer(told.clone()).build();
    let calls = async {
        let _ = as_error(&[HOSTILE]).await;
        let _ = in_anyhow(&["no audit row", HOSTILE, "at last"]).await;
        let _ = in_a_box(&[HOSTILE, "why"]).await;
        let _ = as_text().await;
        let _ = as_debug().await;
        let _ = panics().await;
    };
    supervisor.scope(calls).await;

    assert_eq!(error_of(&recording.outcome("as_error")), SHOWN);
    assert_eq!(error_of(&recording.outcome("in_anyhow")), format!("no audit row: {SHOWN}: at last"));
    assert_eq!(error_of(&recording.outcome("in_a_box")), format!("{SHOWN}: why"));
    assert_eq!(error_of(&recording.outcome("as_text")), SHOWN);
    assert_eq!(error_of(&recording.outcome("as_debug")), SHOWN);
    assert!(error_of(&recording.outcome("panics")).starts_with(&format!("{SHOWN} at tests/")));
    told.0.lock().unwrap().iter().for_each(|text| assert_harmless(text));
}

/// Looks whether it is given an error of the type that was returned.
#[derive(Clone, Default)]
struct Downcasts(Arc<Mutex<Vec<bool>>>);

impl Visit for Downcasts {
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}

    fn record_error(&mut self, _: &Field, error: &(dyn Error + 'static)) {
        self.0.lock().unwrap().push(error.is::<Refused>());
    }
}

impl Subscriber for Downcasts {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn an_error_that_is_harmless_keeps_its_type() {
    let downcasts = Downcasts::default();
    let _set = tracing::subscriber::set_default(downcasts.clone());
    let _ = as_error(&["no route"]).await;
    let _ = in_a_box(&["kein Weg nach 漢字 👩\u{200d}🔬 \\ \"7\"", "no route"]).await;
    let _ = as_error(&["two\nlines"]).await;
    let _ = as_error(&["no route", "two\nlines"]).await;
    assert_eq!(*downcasts.0.lock().unwrap(), [true, true, false, false]);
}

#[tokio::test]
async fn the_handle_gives_the_error_as_it_is() {
    assert_eq!(as_error(&[HOSTILE]).await.unwrap().unwrap_err().text, HOSTILE);
}

#[background(timeout = "none")]
async fn endless() {
    std::future::pending().await
}

#[tokio::test]
async fn causes() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let task = endless();
    task.cancel(HOSTILE.to_owned());
    let error = task.await.unwrap_err();
    assert_eq!(error, TaskError::Cancelled(Cause::from(HOSTILE)), "the cause itself is what was given");
    assert_shown(&error);
    assert_shown(Cause::from(HOSTILE));
    assert_harmless(&format!("{error:?}"));
    assert_eq!(recording.outcome("endless").field("cause"), Some(SHOWN));
}

/// A name that a program makes while it runs.
fn made(text: &str) -> &'static str {
    String::leak(text.to_owned())
}

#[tokio::test]
async fn names() {
    let (recording, told) = (Recording::new(), Told::default());
    let _set = recording.set_default();
    let supervisor = Supervisor::builder().observer(told.clone()).build();
    let task = || detached::task(made(HOSTILE)).no_timeout().supervisor(&supervisor);
    let value = Context::new().with(made(HOSTILE), 7);

    task().inherit(Box::leak(Box::new(made(HOSTILE)))).context(&value).spawn(async {}).await.unwrap();
    let missing =
        task().inherit(Box::leak(Box::new(made(HOSTILE)))).context(&Context::new()).spawn(async {}).await.unwrap_err();
    assert_eq!(missing, TaskError::Rejected(Reason::MissingValue { name: HOSTILE }));
    assert_shown(missing);
    assert_shown(value.get::<String>(HOSTILE).unwrap_err());
    assert_shown(ValueError::Absent { name: HOSTILE });
    let running = task().spawn(std::future::pending::<()>());
    assert_shown(&supervisor.tasks()[0]);
    assert_harmless(&format!("{:?} {running:?} {value:?}", supervisor.tasks()));
    let table = supervisor.drain(Duration::ZERO).await.to_string();
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 2, "the head and one row");
    assert_shown(lines[1]);

    for event in recording.events() {
        assert_eq!(event.field("task"), Some(SHOWN));
        assert_harmless(&format!("{:?}", event.fields));
    }
    assert_eq!(recording.event("task completed").field(SHOWN), Some("7"));
    assert_shown(recording.event("task rejected").field("reason").unwrap());
    for span in recording.spans() {
        assert_eq!(span.name, SHOWN);
        span.fields.names().into_iter().for_each(assert_harmless);
    }
    told.0.lock().unwrap().iter().for_each(|text| assert_harmless(text));
}

const TEXTS: [&str; 6] = ["string", "str", "shared", "boxed", "cow", "debug"];

static STRING: Key<String> = Key::new("string");

#[background(timeout = "5s", inherit = [STRING, "str", "shared", "boxed", "cow", "debug", "escaped"])]
async fn inherits() {
    let context = Context::current();
    assert_eq!((context.get::<&str>("str"), STRING.get().as_str()), (Ok(HOSTILE), HOSTILE));
}

#[tokio::test]
async fn values() {
    let (recording, told) = (Recording::new(), Told::default());
    let _set = recording.set_default();
    let request = Context::new()
        .with("string", HOSTILE.to_owned())
        .with("str", HOSTILE)
        .with::<Arc<str>>("shared", HOSTILE.into())
        .with::<Box<str>>("boxed", HOSTILE.into())
        .with("cow", Cow::Borrowed(HOSTILE))
        .with("debug", Raw(HOSTILE))
        .with("escaped", Some("two\nlines"));
    let supervisor = Supervisor::builder().observer(told.clone()).build();
    request.scope(supervisor.scope(async { inherits().await })).await.unwrap();

    for fields in [recording.span("inherits").fields, recording.outcome("inherits").fields] {
        for name in TEXTS {
            assert_eq!(fields.get(name), Some(SHOWN), "{name}");
        }
        assert_eq!(fields.get("escaped"), Some(r#"Some("two\nlines")"#), "as it wrote it");
    }
    assert_harmless(&format!("{request:?}"));
    told.0.lock().unwrap().iter().for_each(|text| assert_harmless(text));
}

struct Bomb;

impl Observer for Bomb {
    fn on_call(&self, _: &TaskInfo) {
        panic!("{HOSTILE}");
    }
}

#[tokio::test]
async fn the_event_of_an_observer_that_panics() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let supervisor = Supervisor::builder().observer(Bomb).build();
    detached::task(made(HOSTILE)).no_timeout().supervisor(&supervisor).spawn(async {}).await.unwrap();
    let event = recording.event("an observer panicked");
    assert_shown(error_of(&event));
    assert_eq!(event.field("task"), Some(SHOWN));
}

#[tokio::test(start_paused = true)]
async fn outcomes_of_a_test() {
    let test = TestSupervisor::new();
    test.expect("as_error", OutcomeKind::Failed);
    test.expect("panics", OutcomeKind::Panicked);
    test.expect(made(HOSTILE), OutcomeKind::Rejected);
    let calls = async {
        as_error(&["no audit row", HOSTILE]);
        panics();
        endless().cancel(HOSTILE);
        detached::task(made(HOSTILE)).timeout(Duration::ZERO).spawn(async {});
    };
    test.run(calls).await;
    assert_eq!(test.outcomes().len(), 4);
    for outcome in test.outcomes() {
        assert_shown(&outcome);
    }
}
