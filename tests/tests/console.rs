//! What `tokio-console` is told: the task's name and the place of its call. Run with
//! `RUSTFLAGS="--cfg tokio_unstable"`; otherwise there is nothing to tell it.
#![cfg(tokio_unstable)]

use detached::background;
use detached_tests::recording::{RecordedSpan, Recording};

#[background(timeout = "5s", name = "write audit row")]
async fn audit() {}

#[tokio::test]
async fn a_task_has_its_name_and_the_place_of_its_call() {
    let recording = Recording::new();
    let _set = recording.set_default();
    let line = line!() + 1;
    audit().await.unwrap();
    let spans = recording.spans();
    let named = |span: &&RecordedSpan| span.field("task.name") == Some("write audit row");
    let span = spans.iter().find(named).unwrap_or_else(|| panic!("{spans:#?}"));
    assert_eq!(span.name, "runtime.spawn");
    assert_eq!(span.field("loc.file"), Some("tests/tests/console.rs"));
    assert_eq!(span.field("loc.line"), Some(&*line.to_string()));
}
