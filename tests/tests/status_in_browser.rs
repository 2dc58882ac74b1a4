//! The page of tasks, as a browser shows it.

use std::future::pending;
use std::time::Duration;

use axum::Router;
use detached::tower::StatusPage;
use detached::{Context, Key, Supervisor, Task, background};
use detached_tests::chromium::Browser;
use serde_json::json;
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

fn call(supervisor: &Supervisor, fails: bool) -> Task<Result<(), &'static str>> {
    let request = Context::new().with(USER_ID, 7).with(SAID, "<b id=forged>bold</b>").with(TOKEN, "swordfish");
    supervisor.in_scope(|| request.in_scope(|| record_visit(fails)))
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_appear_end_and_fail_before_the_readers_eyes() {
    let Some(mut browser) = Browser::start() else { return };
    let supervisor = Supervisor::new();
    let url = serve(&supervisor).await;
    browser.go(&url);
    assert_eq!(browser.text("#tasks"), "Nothing runs now.");
    assert_eq!(browser.text("#mishaps"), "Nothing has gone wrong since this page was set up.");
    assert_eq!(browser.text("#state"), "serving");

    // The reader does nothing for it.
    let running = call(&supervisor, false);
    while !browser.text("#tasks tbody").contains("running") {
        browser.wait_until_refreshed();
    }
    let tasks = browser.text("#tasks tbody");
    for shown in ["59 min", "running", "status_in_browser::record_visit", "user_id=7", "status_in_browser.rs:"] {
        assert!(tasks.contains(shown), "{shown} in {tasks}");
    }
    assert!(browser.text("#summary").starts_with("1 running 0 waiting 0 completed 0 failed"));
    assert!(browser.text("#functions tbody").starts_with("status_in_browser::record_visit 0 1 0"));

    running.cancel("seen enough");
    let _ = running.await;
    call(&supervisor, true).await.unwrap().unwrap_err();
    browser.go(&url);
    assert_eq!(browser.text("#tasks"), "Nothing runs now.");
    let summary = browser.text("#summary");
    assert!(summary.contains("1 failed") && summary.contains("1 cancelled"), "{summary}");
    let mishaps = browser.text("#mishaps tbody");
    assert!(mishaps.contains("failed status_in_browser::record_visit"), "{mishaps}");

    supervisor.drain(Duration::ZERO).await;
    browser.go(&url);
    assert_eq!(browser.text("#state"), "draining");
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_stays_text_and_no_script_runs() {
    let Some(mut browser) = Browser::start() else { return };
    let supervisor = Supervisor::new();
    let url = serve(&supervisor).await;
    let _live = call(&supervisor, false);
    call(&supervisor, true).await.unwrap().unwrap_err();
    browser.go(&url);
    let (tasks, mishaps) = (browser.text("#tasks tbody"), browser.text("#mishaps tbody"));
    assert!(tasks.contains("said=<b id=forged>bold</b>"), "{tasks}");
    assert!(mishaps.contains("said=<b id=forged>bold</b>"), "{mishaps}");
    assert!(mishaps.contains("<script>document.title = 'forged'</script>"), "{mishaps}");
    assert_eq!(browser.ask("document.querySelectorAll('#forged, script, b b').length"), 0);
    assert_eq!(browser.ask("document.title"), "Background tasks");
    assert_eq!(browser.ask("document.documentElement.outerHTML.includes('swordfish')"), false);

    // Even what were one would not run.
    let forged = "document.body.append(Object.assign(document.createElement('script'), {text: 'document.title = 1'}))";
    browser.ask(forged);
    assert_eq!(browser.ask("document.title"), "Background tasks");
    drop(supervisor.drain(Duration::ZERO).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_live_tasks_are_summed_up() {
    let Some(mut browser) = Browser::start() else { return };
    let supervisor = Supervisor::new();
    let url = serve(&supervisor).await;
    for _ in 0..10_000 {
        drop(call(&supervisor, false));
    }
    while supervisor.counts().running < 10_000 {
        tokio::task::yield_now().await;
    }
    browser.go(&url);
    assert!(browser.text("#summary").starts_with("10,000 running"));
    assert!(browser.text("#functions tbody").starts_with("status_in_browser::record_visit 0 10,000 0"));
    assert!(browser.text("body").contains("the oldest 100 of 10,000"));
    assert_eq!(browser.ask("document.querySelectorAll('#tasks tbody tr').length"), 100);
    drop(supervisor.drain(Duration::ZERO).await);
}

/// The least contrast between a text of the page and what is behind it, as the rules for accessible pages reckon it.
const LEAST_CONTRAST: &str = r"(() => {
    const parts = color => color.match(/[\d.]+/g).map(Number);
    const linear = part => (part /= 255) <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const isClear = color => color === 'transparent' || parts(color)[3] === 0;
    const behind = element => {
        const color = getComputedStyle(element).backgroundColor;
        return isClear(color) && element.parentElement ? behind(element.parentElement) : parts(color);
    };
    let least = 21;
    for (const element of document.body.querySelectorAll('*')) {
        if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
        const [a, b] = [light(parts(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
        least = Math.min(least, (a + 0.05) / (b + 0.05));
    }
    return least;
})()";

#[tokio::test(flavor = "multi_thread")]
async fn it_is_readable_by_day_and_by_night_on_a_phone_and_on_a_desk() {
    let Some(mut browser) = Browser::start() else { return };
    let supervisor = Supervisor::new();
    let url = serve(&supervisor).await;
    let _live = call(&supervisor, false);
    call(&supervisor, true).await.unwrap().unwrap_err();
    let long: &'static str = "word".repeat(5_000).leak();
    let said_much = Context::new().with(USER_ID, 8).with(SAID, long);
    let _live_too = supervisor.in_scope(|| said_much.in_scope(|| record_visit(false)));

    for (liked, background) in [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 26)")] {
        for width in [360, 1180] {
            browser.show_on(width, liked);
            browser.go(&url);
            let seen = format!("{liked}, {width} wide");
            assert_eq!(browser.ask("innerWidth"), width, "{seen}");
            assert_eq!(browser.ask("getComputedStyle(document.body).backgroundColor"), background, "{seen}");
            let contrast = browser.ask(LEAST_CONTRAST).as_f64().unwrap();
            assert!(contrast >= 4.5, "{seen}: {contrast}");
            // Nothing is to be scrolled for sideways, and no row fills the screen.
            let overflow = "[document.scrollingElement, ...document.querySelectorAll('.wide')]
                .map(it => it.scrollWidth - it.clientWidth)";
            assert_eq!(browser.ask(overflow), json!([0, 0, 0, 0]), "{seen}");
            let tallest = "Math.max(...[...document.querySelectorAll('tr')].map(row => row.clientHeight))";
            assert!(browser.ask(tallest).as_f64().unwrap() < 400.0, "{seen}");
            // A phone has no room for a table's head: each cell says what it is.
            let head = browser.ask("getComputedStyle(document.querySelector('#tasks thead')).display");
            assert_eq!(head == "none", width == 360, "{seen}: {head}");
        }
    }
    drop(supervisor.drain(Duration::ZERO).await);
}
