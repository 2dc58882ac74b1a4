//! The line of a failing task, as a person reads it and as a machine does.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use detached::{Context, background};
use tracing::info_span;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{MakeWriter, Subscriber};
use tracing_subscriber::layer::SubscriberExt as _;

#[derive(Debug)]
struct DbError(io::Error);

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot insert the visit")
    }
}

impl std::error::Error for DbError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[background(timeout = "5s", inherit = ["user_id", "tenant"])]
async fn record_visit(page: &str) -> Result<(), DbError> {
    tokio::time::sleep(Duration::from_millis(1203)).await;
    tracing::info!(page, "inserting");
    Err(DbError(io::Error::other("disk full")))
}

/// What was written; clones share it.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

struct Redacted;

impl FormatTime for Redacted {
    fn format_time(&self, to: &mut Writer<'_>) -> fmt::Result {
        to.write_str("<time>")
    }
}

/// Runs the task under the subscriber, and gives the lines with what differs from run to run redacted.
async fn lines(subscriber: impl tracing::Subscriber + Send + Sync + 'static, written: &Written) -> Vec<String> {
    let _set = tracing::subscriber::set_default(subscriber);
    let request = Context::new().with("user_id", 7_u64).with("tenant", "acme");
    let (task, line) = request
        .scope(async {
            let _in_request = info_span!("request", method = "POST").entered();
            (record_visit("/pricing"), line!())
        })
        .await;
    let id = task.id().to_string();
    task.await.unwrap().unwrap_err();
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let place = format!("tests/tests/formatters.rs:{line}:14");
    assert!(text.contains(&place), "{place} in {text}");
    let text = text.replace(&place, "<caller>");
    let ids = [format!("task.id={id}"), format!("\"task.id\":\"{id}\"")];
    let text = text.replace(&ids[0], "task.id=<id>").replace(&ids[1], "\"task.id\":\"<id>\"");
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn the_default_formatter() {
    let written = Written::default();
    let subscriber = Subscriber::builder().with_ansi(false).with_timer(Redacted).with_writer(written.clone()).finish();
    assert_eq!(
        lines(subscriber, &written).await,
        [
            "<time>  INFO record_visit{task.id=<id> user_id=7 tenant=\"acme\"}: formatters: inserting page=\"/pricing\"",
            "<time> ERROR record_visit{task.id=<id> user_id=7 tenant=\"acme\"}: detached: task failed \
             task=\"record_visit\" task.id=<id> outcome=\"failed\" elapsed=1.203s \
             error=cannot insert the visit error.sources=[disk full] caller=<caller> user_id=7 tenant=\"acme\"",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_json_formatter() {
    let written = Written::default();
    let subscriber = Subscriber::builder().json().with_timer(Redacted).with_writer(written.clone()).finish();
    let span = "{\"task.id\":\"<id>\",\"tenant\":\"acme\",\"user_id\":7,\"name\":\"record_visit\"}";
    assert_eq!(
        lines(subscriber, &written).await,
        [
            format!(
                "{{\"timestamp\":\"<time>\",\"level\":\"INFO\",\
                 \"fields\":{{\"message\":\"inserting\",\"page\":\"/pricing\"}},\
                 \"target\":\"formatters\",\"span\":{span},\"spans\":[{span}]}}"
            ),
            format!(
                "{{\"timestamp\":\"<time>\",\"level\":\"ERROR\",\
                 \"fields\":{{\"message\":\"task failed\",\"task\":\"record_visit\",\"task.id\":\"<id>\",\
                 \"outcome\":\"failed\",\"elapsed\":\"1.203s\",\"error\":\"cannot insert the visit\",\
                 \"caller\":\"<caller>\",\"user_id\":7,\"tenant\":\"acme\"}},\
                 \"target\":\"detached\",\"span\":{span},\"spans\":[{span}]}}"
            ),
        ]
    );
}

#[background(timeout = "5s")]
async fn complete() {}

#[tokio::test(start_paused = true)]
async fn each_layer_has_its_own_filter() {
    let (quiet, loud) = (Written::default(), Written::default());
    let layer = |written: &Written, level: LevelFilter| {
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(written.clone()).with_filter(level)
    };
    let both = vec![layer(&quiet, LevelFilter::ERROR), layer(&loud, LevelFilter::DEBUG)];
    let layers = tracing_subscriber::registry().with(both);
    let _set = tracing::subscriber::set_default(layers);
    let request = Context::new().with("user_id", 7).with("tenant", "acme");
    request
        .scope(async {
            complete().await.unwrap();
            record_visit("/pricing").await.unwrap().unwrap_err();
            complete().await.unwrap();
        })
        .await;

    let outcomes = |written: &Written| {
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let told = |line: &str| Some(line.split_once("detached: ")?.1.split_once(" task=")?.0.to_owned());
        text.lines().filter_map(told).collect::<Vec<_>>()
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
    let subscriber = Subscriber::builder().with_ansi(false).with_writer(written.clone()).finish();
    let _set = tracing::subscriber::set_default(subscriber);
    let said = "no\n<time> ERROR detached: all is lost".to_owned();
    let task = Context::new().with("said", said.clone()).scope(async { repeat(said.clone()).await });
    assert_eq!(task.await.unwrap().unwrap_err().to_string(), said);
    let cancelled = detached::task("withdrawn").no_timeout().spawn(std::future::pending::<()>());
    cancelled.cancel(said);
    cancelled.await.unwrap_err();

    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].contains(r" error=no\n<time> ERROR detached: all is lost caller="), "{lines:#?}");
    assert!(lines[1].contains(r" cause=no\n<time> ERROR detached: all is lost caller="), "{lines:#?}");
}
