//! The page of tasks, as a browser shows it.

use std::future::pending;
use std::time::Duration;

use axum::Router;
use detached::tower::StatusPage;
use detached::{Context, Key, Supervisor, background};
use detached_tests::chromium::{dump_dom, text_between};
use tokio::net::TcpListener;

static USER_ID: Key<u64> = Key::new("user_id");
static SAID: Key<&str> = Key::new("said");
static TOKEN: Key<&str> = Key::new("token").sensitive();

#[background(timeout = "1h", inherit = [USER_ID, SAID?, TOKEN?])]
async fn record_visit(fails: bool) -> Result<(), &'static str> {
    if fails { Err("<script>document.title = 'forged'</script>") } else { pending().await }
}

/// Serves the supervisor's page; gives its address.
async fn serve(supervisor: &Supervisor) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route_service("/internal/tasks", StatusPage::new(supervisor));
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/internal/tasks")
}

/// What the browser makes of the page; `None` where there is no browser.
async fn look(url: &str) -> Option<String> {
    let url = url.to_owned();
    tokio::task::spawn_blocking(move || dump_dom(&url)).await.unwrap()
}

/// What a reader sees of the part with that id.
fn part(document: &str, id: &str) -> String {
    text_between(document, &format!(" id=\"{id}\">"), "</section>")
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_appear_end_and_fail_before_the_readers_eyes() {
    let supervisor = Supervisor::new();
    let url = serve(&supervisor).await;
    let Some(empty) = look(&url).await else { return };
    assert!(part(&empty, "tasks").starts_with("Nothing runs now."), "{empty}");
    assert!(empty.contains("<title>Background tasks</title>"), "{empty}");

    let request = Context::new().with(USER_ID, 7).with(SAID, "<b id=forged>bold</b>").with(TOKEN, "swordfish");
    let call = |fails| supervisor.in_scope(|| request.in_scope(|| record_visit(fails)));
    let running = call(false);
    let one_runs = look(&url).await.unwrap();
    let tasks = part(&one_runs, "tasks");
    assert!(tasks.contains("record_visit") && tasks.contains("user_id= 7"), "{tasks}");
    assert!(part(&one_runs, "summary").starts_with("1 running"), "{one_runs}");
    assert!(part(&one_runs, "mishaps").starts_with("Nothing has gone wrong"), "{one_runs}");

    running.cancel("seen enough");
    let _ = running.await;
    call(true).await.unwrap().unwrap_err();
    let failed = look(&url).await.unwrap();
    assert!(part(&failed, "tasks").starts_with("Nothing runs now."), "{failed}");
    assert!(
        part(&failed, "summary").contains("1 failed") && part(&failed, "summary").contains("1 cancelled"),
        "{failed}"
    );
    let mishaps = part(&failed, "mishaps");
    assert!(mishaps.contains("failed") && mishaps.contains("record_visit"), "{mishaps}");
    // What they said is text to the browser, and has become no element.
    assert!(
        mishaps.contains("&lt;script&gt;document.title") && mishaps.contains("&lt;b id=forged&gt;bold"),
        "{mishaps}"
    );
    assert!(!failed.contains("<script") && !failed.contains("<b id"), "{failed}");
    assert!(failed.contains("<title>Background tasks</title>"), "no script of theirs has run: {failed}");
    assert!(!failed.contains("swordfish"), "{failed}");

    supervisor.drain(Duration::ZERO).await;
    assert!(text_between(&look(&url).await.unwrap(), "<header>", "</header>").contains("draining"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_live_tasks_are_summed_up() {
    let supervisor = Supervisor::new();
    let url = serve(&supervisor).await;
    let request = Context::new().with(USER_ID, 7);
    for _ in 0..10_000 {
        supervisor.in_scope(|| request.in_scope(|| drop(record_visit(false))));
    }
    let Some(document) = look(&url).await else { return };
    assert!(part(&document, "summary").starts_with("10,000 running"), "{}", part(&document, "summary"));
    assert!(document.contains("the oldest 100 of 10,000"));
    assert_eq!(document.matches("user_id=").count(), 100);
    supervisor.drain(Duration::ZERO).await;
}
