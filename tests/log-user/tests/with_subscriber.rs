//! Once a subscriber was set, it has the outcomes and `log` has none: each outcome is told once.

use detached::background;
use detached_tests::recording::Recording;
use detached_tests_log_user::{install, outcomes};

#[background(timeout = "5s")]
async fn complete() {}

#[tokio::test]
async fn a_subscriber_takes_the_place_of_log() {
    install();
    complete().await.unwrap();
    assert_eq!(outcomes("complete").len(), 1);

    let recording = Recording::new();
    let _set = recording.set_default();
    complete().await.unwrap();
    assert_eq!(recording.outcome("complete").message(), "task completed");
    assert_eq!(outcomes("complete").len(), 1);
}
