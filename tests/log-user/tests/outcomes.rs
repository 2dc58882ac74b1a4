//! Without a subscriber each outcome is one line of the `log` crate, with the fields of the event.

use std::time::Duration;

use detached::{Context, background};
use detached_tests_log_user::{install, outcomes};
use log::Level;

#[background(timeout = "5s", inherit = ["user_id", "token?"])]
async fn complete() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

#[background(timeout = "5s", inherit = ["user_id", "token?"], level = "warn")]
async fn fail(late: bool) -> Result<(), std::io::Error> {
    if late {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    Err(std::io::Error::other("disk full"))
}

#[background(timeout = "none", inherit = ["user_id"])]
async fn forever() {
    std::future::pending::<()>().await;
}

#[background(timeout = "none")]
async fn panics() {
    panic!("no table")
}

/// The only line of an outcome, from `task.id` on without what differs from run to run.
#[track_caller]
fn outcome(task: &str) -> (Level, String) {
    let lines = outcomes(task);
    let [(level, target, text)] = &lines[..] else { panic!("one line of {task}: {lines:#?}") };
    assert_eq!(target, "outcomes");
    let (before, after) = text.split_once(" task.id=").unwrap();
    let (_id, after) = after.split_once(' ').unwrap();
    let (middle, place) = after.split_once(" caller=").unwrap();
    let values = place.split_once(' ').map_or("", |(_, values)| values);
    (*level, format!("{before} {middle} {values}"))
}

#[tokio::test(start_paused = true)]
async fn each_outcome_is_one_line() {
    install();
    let request = Context::new().with("user_id", 7_u64).with_sensitive("token", "swordfish");
    request
        .scope(async {
            complete().await.unwrap();
            fail(false).await.unwrap().unwrap_err();
        })
        .await;
    assert_eq!(
        outcome("complete"),
        (Level::Debug, "task completed task=complete outcome=completed elapsed_ms=1000.0 user_id=7".to_owned())
    );
    assert_eq!(
        outcome("fail"),
        (Level::Warn, "task failed task=fail outcome=failed elapsed_ms=0.0 error=disk full user_id=7".to_owned())
    );

    let cancelled = async {
        let task = forever();
        task.cancel("test");
        task.await
    };
    request.scope(cancelled).await.unwrap_err();
    assert_eq!(
        outcome("forever"),
        (Level::Info, "task cancelled task=forever outcome=cancelled cause=test user_id=7".to_owned())
    );

    panics().await.unwrap_err();
    let (level, text) = outcome("panics");
    assert_eq!(level, Level::Error);
    assert!(text.contains(" error=no table at tests/log-user/tests/outcomes.rs:"), "{text}");
}

#[background(timeout = "5s", inherit = ["user_id"])]
async fn time_out() {
    std::future::pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn a_timeout_and_a_rejection_say_why() {
    install();
    Context::new().with("user_id", 7_u64).scope(async { time_out().await }).await.unwrap_err();
    time_out().await.unwrap_err();
    let lines: Vec<_> = outcomes("time_out").into_iter().map(|(.., text)| text).collect();
    assert!(lines[0].contains(" outcome=timed_out elapsed_ms=5000.0 timeout=5s caller="), "{lines:?}");
    let reason = " reason=the value `user_id` is required and no context is in place here; ";
    assert!(lines[1].contains(" outcome=rejected") && lines[1].contains(reason), "{lines:?}");
    assert_eq!(lines.len(), 2);
}

#[background(timeout = "5s", inherit = ["said"])]
async fn repeats(said: String) -> Result<(), String> {
    Err(said)
}

#[tokio::test(start_paused = true)]
async fn what_a_client_says_stays_on_the_line() {
    install();
    let said = "no\r\nERROR all is lost\u{1b}[2K";
    Context::new().with("said", said).scope(async { repeats(said.to_owned()).await }).await.unwrap().unwrap_err();
    assert_eq!(
        outcome("repeats").1,
        "task failed task=repeats outcome=failed elapsed_ms=0.0 error=no\\r\\nERROR all is lost\\u{1b}[2K \
         said=\"no\\r\\nERROR all is lost\\u{1b}[2K\""
    );

    let name: &'static str = "two\nlines";
    detached::task(name).no_timeout().spawn(async {}).await.unwrap();
    assert_eq!(outcomes("two\\nlines").len(), 1);
}
