//! How errors and panics are shown: the best form that their types allow, and never a panic of ours.

use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::io;

use detached::{Context, Observer, Outcome, Supervisor, TaskError, TaskInfo, background};
use detached_tests::recording::{RecordedEvent, Recording};

/// Runs the call and gives the event of its outcome.
macro_rules! outcome_of {
    ($function:ident $(($($argument:expr),*))?) => {{
        let recording = Recording::new();
        let _set = recording.set_default();
        let _ = $function($($($argument),*)?).await;
        recording.outcome(stringify!($function))
    }};
}

#[track_caller]
fn assert_failed(event: &RecordedEvent, error: &str) {
    assert_eq!((event.field("outcome"), event.field("error")), (Some("failed"), Some(error)));
}

#[derive(Debug)]
struct Save {
    source: io::Error,
}

impl Display for Save {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("could not save")
    }
}

impl Error for Save {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

fn save() -> Save {
    Save { source: io::Error::other("disk full") }
}

#[background(timeout = "5s")]
async fn std_error() -> Result<(), Save> {
    Err(save())
}

#[background(timeout = "5s")]
async fn in_anyhow() -> anyhow::Result<()> {
    Err(anyhow::Error::new(save()).context("no audit row"))
}

#[background(timeout = "5s")]
async fn boxed() -> Result<(), Box<dyn Error + Send + Sync>> {
    Err(Box::new(save()))
}

#[background(timeout = "5s")]
async fn boxed_send() -> Result<(), Box<dyn Error + Send>> {
    Err(Box::new(save()))
}

#[background(timeout = "5s")]
async fn in_io() -> io::Result<u8> {
    Err(io::Error::other("disk full"))
}

type Outcomes<T> = Result<T, Save>;

#[background(timeout = "5s")]
async fn aliased() -> Outcomes<u8> {
    Err(save())
}

#[background(timeout = "5s")]
async fn in_an_arc() -> Result<(), std::sync::Arc<Save>> {
    Err(save().into())
}

/// As `eyre`'s: no `Error`, and lends one.
struct Report(Box<dyn Error + Send + Sync>);

impl Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of text with a backtrace")
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

impl AsRef<dyn Error + Send + Sync> for Report {
    fn as_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

#[background(timeout = "5s")]
async fn in_eyre() -> Result<(), Report> {
    Err(Report(Box::new(save())))
}

#[tokio::test]
async fn errors_come_with_their_sources() {
    assert_failed(&outcome_of!(std_error), "could not save: disk full");
    assert_failed(&outcome_of!(in_anyhow), "no audit row: could not save: disk full");
    assert_failed(&outcome_of!(boxed), "could not save: disk full");
    assert_failed(&outcome_of!(aliased), "could not save: disk full");
    assert_failed(&outcome_of!(in_an_arc), "could not save: disk full");
    assert_failed(&outcome_of!(in_eyre), "could not save: disk full");
    assert_failed(&outcome_of!(in_io), "disk full");
    assert_failed(&outcome_of!(boxed_send), "could not save: disk full");
}

#[background(timeout = "5s")]
async fn text() -> Result<(), String> {
    Err("no route".to_owned())
}

#[derive(Debug)]
#[allow(dead_code)] // read by its `Debug`
struct Code(u16);

#[background(timeout = "5s")]
async fn debug_only() -> Result<(), Code> {
    Err(Code(404))
}

struct Opaque;

#[background(timeout = "5s")]
async fn unprintable() -> Result<(), Opaque> {
    Err(Opaque)
}

#[tokio::test]
async fn other_errors_are_shown_in_the_best_way_they_have() {
    assert_failed(&outcome_of!(text), "no route");
    assert_failed(&outcome_of!(debug_only), "Code(404)");
    assert_failed(&outcome_of!(unprintable), "failures::Opaque");
}

#[background(timeout = "5s")]
async fn generic_bare<E: Send + 'static>(error: E) -> Result<(), E> {
    Err(error)
}

#[background(timeout = "5s")]
async fn generic_debug<E: Debug + Send + 'static>(error: E) -> Result<(), E> {
    Err(error)
}

#[background(timeout = "5s")]
async fn generic_display<E: Display + Send + 'static>(error: E) -> Result<(), E> {
    Err(error)
}

#[background(timeout = "5s")]
async fn generic_error<E: Error + Send + 'static>(error: E) -> Result<(), E> {
    Err(error)
}

#[tokio::test]
async fn a_generic_error_is_shown_as_its_bounds_allow() {
    assert_failed(&outcome_of!(generic_bare(save())), "failures::Save");
    assert_failed(&outcome_of!(generic_debug(Code(1))), "Code(1)");
    assert_failed(&outcome_of!(generic_display(save())), "could not save");
    assert_failed(&outcome_of!(generic_error(save())), "could not save: disk full");
}

#[background(timeout = "5s")]
async fn nested() -> Option<Result<(), Save>> {
    Some(Err(save()))
}

#[background(timeout = "5s")]
async fn in_ok() -> Result<Result<(), Save>, Save> {
    Ok(Err(save()))
}

#[tokio::test]
async fn only_the_outermost_result_says_whether_it_failed() {
    for event in [outcome_of!(nested), outcome_of!(in_ok)] {
        assert_eq!((event.field("outcome"), event.field("error")), (Some("completed"), None));
    }
}

/// An error whose `Display` does what it should not, and whose source may too.
#[derive(Debug)]
enum Unshowable {
    Panics,
    Fails,
    SourcePanics,
    ChainPanics(Box<Self>),
}

impl Display for Unshowable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panics => panic!("in display"),
            Self::Fails => Err(fmt::Error),
            Self::SourcePanics => f.write_str("source panics"),
            Self::ChainPanics(_) => f.write_str("outer"),
        }
    }
}

impl Error for Unshowable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::SourcePanics => panic!("in source"),
            Self::ChainPanics(source) => Some(source),
            _ => None,
        }
    }
}

#[background(timeout = "5s")]
async fn unshowable(error: Unshowable) -> Result<(), Unshowable> {
    Err(error)
}

#[background(timeout = "5s")]
async fn unshowable_display(error: Unshowable) -> Result<(), ByDisplay> {
    Err(ByDisplay(error))
}

struct ByDisplay(Unshowable);

impl Display for ByDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

#[tokio::test]
async fn an_error_that_panics_when_shown_is_reported_without_it() {
    assert_failed(&outcome_of!(unshowable(Unshowable::Panics)), "<panicked while shown>");
    assert_failed(&outcome_of!(unshowable(Unshowable::Fails)), "<gave an error while shown>");
    assert_failed(&outcome_of!(unshowable(Unshowable::SourcePanics)), "source panics");
    let chain = Unshowable::ChainPanics(Box::new(Unshowable::Panics));
    assert_failed(&outcome_of!(unshowable(chain)), "outer: <panicked while shown>");
    assert_failed(&outcome_of!(unshowable_display(Unshowable::Panics)), "<panicked while shown>");
    assert_failed(&outcome_of!(unshowable_display(Unshowable::Fails)), "<gave an error while shown>");
}

#[tokio::test]
async fn the_handle_still_gives_the_error() {
    assert!(matches!(unshowable(Unshowable::Panics).await, Ok(Err(Unshowable::Panics))));
}

struct Payload;

#[background(timeout = "5s")]
async fn panic_with(payload: Box<dyn FnOnce() + Send>) {
    payload();
}

#[tokio::test]
async fn a_panics_payload_and_place_are_told() {
    let error_of = |event: RecordedEvent| event.field("error").unwrap().to_owned();
    let place = |line: u32| format!("tests/tests/failures.rs:{line}:");

    let line = line!() + 1;
    let text = error_of(outcome_of!(panic_with(Box::new(|| panic!("plain")))));
    assert!(text.starts_with(&format!("plain at {}", place(line))), "{text}");

    let line = line!() + 1;
    let text = error_of(outcome_of!(panic_with(Box::new(|| panic!("made of {}", 2)))));
    assert!(text.starts_with(&format!("made of 2 at {}", place(line))), "{text}");

    let line = line!() + 1;
    let text = error_of(outcome_of!(panic_with(Box::new(|| std::panic::panic_any(Payload)))));
    assert!(text.starts_with(&format!("a payload that is no text at {}", place(line))), "{text}");
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("in drop");
    }
}

#[background(timeout = "5s")]
async fn panic_in_drop(_held: PanicsOnDrop) {}

#[background(timeout = "none")]
async fn panic_in_drop_when_cancelled(_held: PanicsOnDrop) {
    std::future::pending().await
}

#[tokio::test]
async fn a_drop_that_panics_is_a_panic_of_the_task() {
    let event = outcome_of!(panic_in_drop(PanicsOnDrop));
    assert_eq!(event.field("outcome"), Some("panicked"));
    assert!(event.field("error").unwrap().starts_with("in drop at tests/tests/failures.rs:"), "{event:?}");

    let recording = Recording::new();
    let _set = recording.set_default();
    let task = panic_in_drop_when_cancelled(PanicsOnDrop);
    tokio::task::yield_now().await;
    task.cancel("test");
    assert_eq!(task.await, Err(TaskError::Panicked));
    assert_eq!(recording.outcome("panic_in_drop_when_cancelled").field("outcome"), Some("panicked"));
}

#[derive(Clone)]
struct PanicsInDebug;

impl Debug for PanicsInDebug {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("in debug")
    }
}

#[background(timeout = "5s", inherit = ["odd"])]
async fn inherit_odd() {}

#[tokio::test]
async fn a_value_that_panics_when_shown_hurts_nobody() {
    let recording = Recording::new();
    let _set = recording.set_default();
    Context::new().with("odd", PanicsInDebug).scope(async { inherit_odd().await }).await.unwrap();
    assert_eq!(recording.outcome("inherit_odd").field("odd"), Some("<panicked while shown>"));
    assert_eq!(recording.span("inherit_odd").field("odd"), Some("<panicked while shown>"));
}

struct PanickingObserver;

impl Observer for PanickingObserver {
    fn on_call(&self, _: &TaskInfo) {
        panic!("on call");
    }

    fn on_start(&self, _: &TaskInfo) {
        panic!("on start");
    }

    fn on_end(&self, _: &TaskInfo, _: &Outcome<'_>) {
        panic!("on end");
    }
}

#[background(timeout = "5s")]
async fn observed() -> u8 {
    1
}

#[tokio::test]
async fn an_observer_that_panics_is_reported_and_the_task_is_not_hurt() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let supervisor = Supervisor::builder().observer(PanickingObserver).build();
    assert_eq!(supervisor.scope(async { observed().await }).await, Ok(1));
    assert_eq!(recording.outcome("observed").field("outcome"), Some("completed"));
    let mut reports = recording.events();
    reports.retain(|event| event.message() == "an observer panicked");
    let errors: Vec<_> = reports.iter().map(|event| event.field("error").unwrap().split(" at ").next()).collect();
    assert_eq!(errors, [Some("on call"), Some("on start"), Some("on end")]);
}
