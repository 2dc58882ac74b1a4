//! The lines of `tracing-subscriber`'s formatters for what can go wrong, as the guide shows them.

use std::fmt;
use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use detached::{Context, Key, Supervisor, Task, background};
use detached_tests::db_error::DbError;
use detached_tests::guide;
use detached_tests::written::Written;
use tokio::time::sleep;
use tracing::dispatcher::{self, Dispatch};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::{DefaultFields, Format, Full, Writer};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{Subscriber, SubscriberBuilder};
use tracing_subscriber::layer::SubscriberExt as _;

#[derive(Clone, Debug)]
struct UserId(u64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

static USER_ID: Key<UserId> = Key::new("user_id").display();
static TENANT: Key<&str> = Key::new("tenant");
static SHARD: Key<u8> = Key::new("shard");

#[derive(Clone, Copy)]
enum End {
    Fail,
    TimeOut,
    Panic,
    BeLate,
}

static PANICS_AT: OnceLock<String> = OnceLock::new();

#[background(timeout = "5s", grace = "1s", limit = 1, inherit = [USER_ID, TENANT, SHARD])]
async fn record_visit(end: End) -> Result<(), DbError> {
    match end {
        End::Fail => {
            sleep(Duration::from_millis(1203)).await;
            Err(DbError(io::Error::other("disk full")))
        }
        End::TimeOut => std::future::pending().await,
        End::Panic => {
            PANICS_AT.get_or_init(|| format!("{}:{}:13", file!(), line!() + 1));
            panic!("there is no shard 3");
        }
        End::BeLate => {
            Context::current().cancelled().await;
            sleep(Duration::from_millis(250)).await;
            Ok(())
        }
    }
}

struct At;

impl FormatTime for At {
    fn format_time(&self, to: &mut Writer<'_>) -> fmt::Result {
        to.write_str("2026-01-07T09:30:14.074Z")
    }
}

type Builder<W> = SubscriberBuilder<DefaultFields, Format<Full, At>, LevelFilter, W>;

fn formatter(written: &Written) -> Builder<impl Fn() -> Written + Send + Sync + 'static> {
    let written = written.clone();
    Subscriber::builder().with_ansi(false).with_timer(At).with_writer(move || written.clone())
}

fn call(supervisor: &Supervisor, end: End) -> Task<Result<(), DbError>> {
    let request = Context::new().with(USER_ID, UserId(7)).with(TENANT, "acme").with(SHARD, 3);
    supervisor.in_scope(|| request.in_scope(|| record_visit(end)))
}

/// What one call writes, with what differs from run to run replaced.
async fn lines(supervisor: &Supervisor, subscriber: &Dispatch, written: &Written, number: usize, end: End) -> String {
    let before = written.text().len();
    let task = dispatcher::with_default(subscriber, || call(supervisor, end));
    let id = task.id().to_string();
    let _ = task.await;
    let text = written.text()[before..].to_owned();
    let shown = (17 + number).to_string();
    let text = ["task.id=", "task.id: ", "\"task.id\":\""]
        .into_iter()
        .fold(text, |text, field| text.replace(&format!("{field}{id}"), &format!("{field}{shown}")));
    let text = PANICS_AT.get().map_or(text.clone(), |place| text.replace(place, "src/shards.rs:23:9"));
    with_places(&text).replace(module_path!(), "my_app")
}

/// Exchanges each `tests/tests/formatters.rs:<line>:<column>`, which is a caller's, and each
/// `tests/tests/formatters.rs:<line>`, which is the function's.
fn with_places(text: &str) -> String {
    let mut pieces = text.split(file!());
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let place = piece.find(|c: char| c != ':' && !c.is_ascii_digit()).unwrap_or(piece.len());
        let is_caller = piece[..place].matches(':').count() == 2;
        shown.push_str(if is_caller { "src/main.rs:41:5" } else { "src/visits.rs:12" });
        shown.push_str(&piece[place..]);
    }
    shown
}

/// The five calls: one fails, one times out, one panics, one is late, and one is rejected.
async fn shows(heading: &str, written: Written, subscriber: Dispatch) {
    let (mut text, supervisor) = (String::new(), Supervisor::new());
    for (number, end) in [End::Fail, End::TimeOut, End::Panic, End::BeLate].into_iter().enumerate() {
        text += &lines(&supervisor, &subscriber, &written, number, end).await;
    }
    let holds_the_limit = call(&supervisor, End::TimeOut);
    text += &lines(&supervisor, &subscriber, &written, 4, End::Fail).await;
    let _ = holds_the_limit.await;
    guide::assert_shows("formatters", heading, &text);
}

#[tokio::test(start_paused = true)]
async fn the_default_formatter() {
    let written = Written::default();
    shows("The default", written.clone(), formatter(&written).finish().into()).await;
}

#[tokio::test(start_paused = true)]
async fn the_compact_formatter() {
    let written = Written::default();
    shows("Compact", written.clone(), formatter(&written).compact().finish().into()).await;
}

#[tokio::test(start_paused = true)]
async fn the_pretty_formatter() {
    let written = Written::default();
    shows("Pretty", written.clone(), formatter(&written).pretty().finish().into()).await;
}

#[tokio::test(start_paused = true)]
async fn the_json_formatter() {
    let written = Written::default();
    shows("JSON", written.clone(), formatter(&written).json().finish().into()).await;
}

/// The first block of text of the guide to telemetry, in which a line that is too long for the page goes on with spaces.
fn first_lines_of_the_guide() -> String {
    let page = include_str!("../../runtime/src/guide/telemetry.rs");
    let (_, after) = page.split_once("//! ```text\n").unwrap();
    let (block, _) = after.split_once("//! ```").unwrap();
    block.replace("\n//!     ", " ").replace("//! ", "")
}

#[tokio::test(start_paused = true)]
async fn the_guide_to_telemetry_begins_with_what_a_body_says_and_how_it_failed() {
    #[background(timeout = "5s", inherit = [USER_ID, TENANT])]
    async fn record_visit(page: &str) -> Result<(), DbError> {
        tracing::info!(page, "inserting");
        sleep(Duration::from_millis(1203)).await;
        Err(DbError(io::Error::other("disk full")))
    }

    let written = Written::default();
    let _set = tracing::subscriber::set_default(formatter(&written).finish());
    let request = Context::new().with(USER_ID, UserId(7)).with(TENANT, "acme");
    let task = request.in_scope(|| record_visit("/pricing"));
    let id = format!("task.id={}", task.id());
    task.await.unwrap().unwrap_err();
    let told = with_places(&written.text().replace(&id, "task.id=17")).replace(module_path!(), "my_app");
    assert_eq!(told, first_lines_of_the_guide().replace(":12.871Z", ":14.074Z"));
}

#[background(timeout = "5s")]
async fn complete() {}

#[tokio::test(start_paused = true)]
async fn each_layer_has_its_own_filter() {
    let (quiet, loud) = (Written::default(), Written::default());
    let layer = |written: &Written, level: LevelFilter| {
        let written = written.clone();
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || written.clone()).with_filter(level)
    };
    let both = vec![layer(&quiet, LevelFilter::ERROR), layer(&loud, LevelFilter::DEBUG)];
    let layers = tracing_subscriber::registry().with(both);
    let _set = tracing::subscriber::set_default(layers);
    complete().await.unwrap();
    call(&Supervisor::new(), End::Fail).await.unwrap().unwrap_err();
    complete().await.unwrap();

    let outcomes = |written: &Written| {
        let told = |line: &str| Some(line.split_once("formatters: ")?.1.split_once(" task=")?.0.to_owned());
        written.text().lines().filter_map(told).collect::<Vec<_>>()
    };
    assert_eq!(outcomes(&quiet), ["task failed"]);
    assert_eq!(outcomes(&loud), ["task completed", "task failed", "task completed"]);
}

#[background(timeout = "5s", inherit = ["said"])]
async fn repeat(said: String) -> Result<(), io::Error> {
    Err(io::Error::other(said))
}

#[tokio::test(start_paused = true)]
async fn what_a_client_says_begins_no_line() {
    let written = Written::default();
    let _set = tracing::subscriber::set_default(formatter(&written).finish());
    let said = "no\n<time> ERROR detached: all is lost".to_owned();
    let task = Context::new().with("said", said.clone()).scope(async { repeat(said.clone()).await });
    assert_eq!(task.await.unwrap().unwrap_err().to_string(), said);
    let cancelled = detached::task("withdrawn").no_timeout().spawn(std::future::pending::<()>());
    cancelled.cancel(said);
    cancelled.await.unwrap_err();

    let text = written.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].contains(r" error=no\n<time> ERROR detached: all is lost caller="), "{lines:#?}");
    assert!(lines[1].contains(r" cause=no\n<time> ERROR detached: all is lost caller="), "{lines:#?}");
}
