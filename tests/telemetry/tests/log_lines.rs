//! Lines of the `log` crate, by a real logger and under its own filter.

use std::io;
use std::time::Duration;

use detached::{Context, Key, background};
use detached_tests::guide;
use detached_tests::written::Written;

static USER_ID: Key<u64> = Key::new("user_id");
static TENANT: Key<&str> = Key::new("tenant");

/// How a task is to end.
enum End {
    Fail,
    Panic,
    BeLate,
}

#[background(timeout = "5s", grace = "1s", inherit = [USER_ID, TENANT?])]
async fn record_visit(end: End) -> Result<(), io::Error> {
    match end {
        End::Fail => {
            tokio::time::sleep(Duration::from_millis(1203)).await;
            Err(io::Error::other("disk full"))
        }
        End::Panic => panic!("there is no shard 3"),
        End::BeLate => {
            Context::current().cancelled().await;
            tokio::time::sleep(Duration::from_millis(250)).await;
            Ok(())
        }
    }
}

#[background(timeout = "1s", inherit = [USER_ID, TENANT?])]
async fn notify_partner() {
    std::future::pending::<()>().await;
}

mod quiet {
    #[detached::background(timeout = "1s")]
    pub(super) async fn fails() -> Result<(), &'static str> {
        Err("nobody is to see this")
    }
}

/// The line without what differs from run to run.
fn told((line, id): (&str, u64)) -> String {
    let (before, after) = line.split_once(" task.id=").unwrap();
    let (_, after) = after.split_once(' ').unwrap();
    let (middle, place) = after.split_once(" caller=").unwrap();
    let (place, values) = place.split_once(' ').unwrap_or((place, ""));
    assert!(place.starts_with("tests/telemetry/tests/log_lines.rs:"), "{line}");
    let (middle, panicked_at) = middle.split_once(concat!(" at ", file!())).unwrap_or((middle, ""));
    let panicked_at = if panicked_at.is_empty() { "" } else { " at src/shards.rs:23:9" };
    format!("{before} task.id={id} {middle}{panicked_at} caller=src/main.rs:41:5 {values}")
        .trim_end()
        .replace(module_path!(), "my_app")
}

#[tokio::test(start_paused = true)]
async fn each_outcome_is_a_line_under_the_users_module() {
    let written = Written::default();
    env_logger::Builder::new()
        .parse_filters(concat!(module_path!(), "=info,", module_path!(), "::quiet=off"))
        .format_timestamp(None)
        .target(env_logger::Target::Pipe(Box::new(written.clone())))
        .init();
    let request = Context::new().with(USER_ID, 7).with(TENANT, "acme");
    request.in_scope(|| record_visit(End::Fail)).await.unwrap().unwrap_err();
    request.in_scope(|| notify_partner()).await.unwrap_err();
    request.in_scope(|| record_visit(End::Panic)).await.unwrap_err();
    request.in_scope(|| record_visit(End::BeLate)).await.unwrap().unwrap();
    Context::new().in_scope(|| notify_partner()).await.unwrap_err();
    // A filter by target is a filter by module, as for the program's own lines.
    quiet::fails().await.unwrap().unwrap_err();
    let shown: Vec<String> = written.text().lines().zip(17..).map(told).collect();
    assert_eq!(shown.len(), 5, "{shown:#?}");
    guide::assert_shows("log", "What comes out", &shown.join("\n"));
}
