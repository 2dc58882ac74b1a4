//! The page of what runs, what became of the rest, and what went wrong: what is on it, for people and for programs.

use std::future::pending;
use std::time::Duration;

use detached::tower::{StatusBody, StatusPage};
use detached::{Context, Key, Supervisor, background};
use detached_tests::markup::text_between;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{Method, Request, Response};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::time::sleep;
use tower::ServiceExt as _;

const SECOND: Duration = Duration::from_secs(1);
const SECRET: &str = "swordfish";

static USER_ID: Key<u64> = Key::new("user_id");
static TENANT: Key<&str> = Key::new("tenant");
static TOKEN: Key<&str> = Key::new("token").sensitive();

async fn ask(page: &StatusPage, method: Method, accept: &str) -> Response<StatusBody> {
    let request = Request::builder().method(method).header(ACCEPT, accept).body(()).unwrap();
    page.clone().oneshot(request).await.unwrap()
}

async fn html(page: &StatusPage) -> String {
    let answer = ask(page, Method::GET, "text/html").await;
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn json(page: &StatusPage) -> Value {
    let answer = ask(page, Method::GET, "application/json").await;
    serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

/// What a reader sees of the part with that id.
fn part(html: &str, id: &str) -> String {
    text_between(html, &format!(" id=\"{id}\">"), "</section>")
}

fn request() -> Context {
    Context::new().with(USER_ID, 7).with(TENANT, "acme").with(TOKEN, SECRET)
}

/// How a task is to end.
#[derive(Clone, Copy)]
enum End {
    Complete,
    Fail,
    Panic,
    Wait,
    BeLate,
}

#[background(timeout = "5s", grace = "1s", limit = 2, overflow = "wait", queue = 1, inherit = [USER_ID, TENANT?, TOKEN?])]
async fn work(end: End) -> Result<(), &'static str> {
    match end {
        End::Complete => Ok(()),
        End::Fail => Err("no route"),
        End::Panic => panic!("the table is missing"),
        End::Wait => pending().await,
        End::BeLate => {
            Context::current().cancelled().await;
            sleep(SECOND / 2).await;
            Ok(())
        }
    }
}

#[background(timeout = "none", grace = "1s", shutdown = "cancel")]
async fn watch() {
    pending().await
}

#[tokio::test]
async fn people_get_a_page_and_programs_get_json() {
    let page = StatusPage::new(Supervisor::new());
    for (accept, kind) in [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = ask(&page, method.clone(), accept).await;
            let header = |name| answer.headers().get(name).unwrap().to_str().unwrap();
            assert_eq!((answer.status().as_u16(), header(CONTENT_TYPE)), (200, kind));
            assert_eq!((header(CACHE_CONTROL), header(VARY)), ("no-store", "accept"));
            assert!(header(CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"), "no script runs");
            let length: usize = header(CONTENT_LENGTH).parse().unwrap();
            let body = answer.into_body();
            assert_eq!(body.size_hint().exact() == Some(0), method == Method::HEAD);
            let body = body.collect().await.unwrap().to_bytes();
            assert_eq!(body.len(), if method == Method::HEAD { 0 } else { length });
            assert!(length > 100, "{length}");
        }
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed_and_nobody_keeps_that() {
    let page = StatusPage::new(Supervisor::new());
    let own = Method::from_bytes(b"PURGE").unwrap();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE, own] {
        let answer = ask(&page, method, "application/json").await;
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(answer.status(), 405);
        assert_eq!((header(ALLOW), header(CACHE_CONTROL)), (Some("GET, HEAD"), Some("no-store")));
        assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty());
    }
}

#[tokio::test]
async fn the_page_needs_no_script_and_refreshes_itself() {
    let html = html(&StatusPage::new(Supervisor::new())).await;
    assert!(html.contains("<meta http-equiv=\"refresh\" content=\"5\">"), "{html}");
    assert!(html.contains("prefers-color-scheme: dark") && html.contains("width=device-width"), "{html}");
    assert!(!html.contains("<script"), "{html}");
}

#[tokio::test(start_paused = true)]
async fn live_tasks_are_there_by_function_and_one_by_one() {
    let supervisor = Supervisor::new();
    let page = StatusPage::new(&supervisor);
    let _tasks =
        supervisor.in_scope(|| request().in_scope(|| [End::Wait, End::BeLate, End::Wait].map(|end| work(end))));
    sleep(2 * SECOND).await;
    let doc = json(&page).await;
    assert_eq!((doc["draining"].as_bool(), doc["live"].as_u64()), (Some(false), Some(3)));
    let by_state = |state| doc["functions"].as_array().unwrap().iter().find(|of| of["state"] == state).unwrap().clone();
    assert_eq!(
        by_state("running"),
        json!({"name": "work", "module": "status_page", "state": "running", "tasks": 2, "oldest_ms": 2000.0})
    );
    assert_eq!(by_state("waiting")["tasks"], 1);
    let task = doc["tasks"].as_array().unwrap().iter().find(|task| task["state"] == "running").unwrap();
    assert_eq!(
        (&task["name"], &task["age_ms"], &task["remaining_ms"], &task["values"]),
        (&json!("work"), &json!(2000.0), &json!(3000.0), &json!({"user_id": 7, "tenant": "acme"}))
    );
    assert!(task["caller"].as_str().unwrap().starts_with("tests/tests/status_page.rs:"), "{task}");

    let html = html(&page).await;
    assert!(html.contains(">serving</span>"), "{html}");
    assert!(part(&html, "summary").starts_with("2 running 1 waiting 0 completed"), "{}", part(&html, "summary"));
    let tasks = part(&html, "tasks");
    for shown in
        ["2.0 s", "3.0 s", "running", "waiting", "status_page:: work", "user_id= 7", "tenant= acme", "status_page.rs:"]
    {
        assert!(tasks.contains(shown), "{shown} in {tasks}");
    }

    // Told to stop, they have their grace for it.
    sleep(3 * SECOND + SECOND / 4).await;
    let states: Vec<_> =
        json(&page).await["functions"].as_array().unwrap().iter().map(|of| of["state"].clone()).collect();
    assert_eq!(states, ["stopping", "waiting"]);
}

/// Also of a task that nobody has polled yet: its bound counts from the call.
#[tokio::test(start_paused = true)]
async fn the_bar_is_what_is_left_of_the_bound() {
    let supervisor = Supervisor::new();
    let page = StatusPage::new(&supervisor);
    let _task = detached::task("waits").supervisor(&supervisor).timeout(Duration::from_secs(5)).spawn(pending::<()>());
    let ahead = html(&page).await;
    assert!(ahead.contains("<i style=\"width:100%\">"), "{ahead}");
    tokio::time::advance(Duration::from_secs(4)).await;
    let html = html(&page).await;
    assert!(html.contains("<i style=\"width:20%\">"), "{html}");
}

#[tokio::test(start_paused = true)]
async fn what_went_wrong_is_there_with_its_error_and_nothing_else_is() {
    let supervisor = Supervisor::new();
    let page = StatusPage::new(&supervisor);
    let call = |end| supervisor.in_scope(|| request().in_scope(|| work(end)));
    for end in [End::Complete, End::Fail, End::Panic, End::Wait, End::BeLate] {
        let _ = call(end).await;
    }
    let full: Vec<_> = (0..4).map(|_| call(End::Wait)).collect();
    full[0].cancel("not wanted");
    supervisor.in_scope(|| drop(watch()));
    sleep(SECOND).await;
    supervisor.drain(Duration::ZERO).await;

    let doc = json(&page).await;
    let mishaps = doc["mishaps"].as_array().unwrap();
    let mut told: Vec<_> =
        mishaps.iter().map(|it| (it["message"].as_str().unwrap(), it["error"].as_str().unwrap())).collect();
    let panicked = told.iter().position(|(message, _)| *message == "task panicked").unwrap();
    assert!(told.remove(panicked).1.starts_with("the table is missing at tests/tests/status_page.rs:"));
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("task cancelled", "shutdown"),
            ("task cancelled", "shutdown"),
            ("task completed late", "timeout 5s"),
            ("task failed", "no route"),
            ("task rejected", "the function's `queue` is full"),
            ("task timed out", "timeout 5s"),
        ],
        "neither what completed, nor what the program cancelled, nor the end of a resident"
    );
    assert_eq!(mishaps.last().unwrap()["outcome"], "failed", "the last comes first");
    assert_eq!(mishaps.last().unwrap()["ago_ms"], json!(13_500.0));
    assert_eq!(mishaps.last().unwrap()["values"], json!({"user_id": 7, "tenant": "acme"}));

    let html = html(&page).await;
    assert!(html.contains(">draining</span>"), "{html}");
    let shown = part(&html, "mishaps");
    for (message, error) in told {
        let error = error.replace('\'', "&#39;");
        assert!(shown.contains(message.trim_start_matches("task ")) && shown.contains(&error), "{message} in {shown}");
    }
    let counts = &doc["counts"]["sum"];
    assert_eq!((&counts["called"], &counts["failed"], &counts["completed"]), (&json!(10), &json!(1), &json!(2)));
}

#[tokio::test(start_paused = true)]
async fn the_last_hundred_are_kept_from_when_the_page_is_made() {
    let supervisor = Supervisor::new();
    let fail = |user: u64| supervisor.in_scope(|| Context::new().with(USER_ID, user).in_scope(|| work(End::Fail)));
    let _ = fail(0).await;
    let page = StatusPage::new(&supervisor);
    let doc = json(&page).await;
    assert_eq!((&doc["mishaps"], &doc["counts"]["sum"]["failed"]), (&json!([]), &json!(1)));
    for user in 1..=103 {
        let _ = fail(user).await;
    }
    let doc = json(&page).await;
    let users: Vec<_> =
        doc["mishaps"].as_array().unwrap().iter().map(|it| it["values"]["user_id"].as_u64().unwrap()).collect();
    assert_eq!(users, (4..=103).rev().collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_tasks_are_summed_up() {
    let supervisor = Supervisor::new();
    let page = StatusPage::new(&supervisor);
    let task = |name| detached::task(name).target("sums").supervisor(&supervisor).no_timeout();
    for _ in 0..50 {
        drop(task("old").spawn(pending::<()>()));
    }
    sleep(SECOND).await;
    for _ in 0..9_950 {
        drop(task("young").spawn(pending::<()>()));
    }
    let doc = json(&page).await;
    assert_eq!(
        (&doc["live"], &doc["functions"][0]["tasks"], &doc["functions"][1]["tasks"]),
        (&json!(10_000), &json!(50), &json!(9950))
    );
    let names: Vec<_> = doc["tasks"].as_array().unwrap().iter().map(|task| task["name"].as_str().unwrap()).collect();
    assert_eq!((names.len(), &names[..50]), (100, &["old"; 50][..]), "the oldest are listed, first");

    let html = html(&page).await;
    assert!(html.contains("the oldest 100 of 10,000"));
    assert!(part(&html, "summary").starts_with("10,000 running"));
    assert_eq!(
        html.matches("<tr>").count(),
        1 + 3 + 1 + 100,
        "two heads, two functions and their sum, a hundred tasks"
    );
    drop(supervisor.drain(Duration::ZERO).await);
}

const MARKUP: &str = "<img src=x onerror=alert(1)>&\"'";

#[background(timeout = "5s", name = "<b>named</b>", inherit = ["said"])]
async fn repeat(waits: bool) -> Result<(), String> {
    if waits { pending().await } else { Err(MARKUP.to_owned()) }
}

#[tokio::test(start_paused = true)]
async fn markup_stays_text_and_what_is_sensitive_stays_away() {
    let supervisor = Supervisor::new();
    let page = StatusPage::new(&supervisor);
    let request = request().with("said", MARKUP);
    let _live = supervisor.in_scope(|| request.in_scope(|| repeat(true)));
    let _failed = supervisor.in_scope(|| request.in_scope(|| repeat(false))).await;
    let _panicked = supervisor.in_scope(|| request.in_scope(|| work(End::Panic))).await;
    let _live_too = supervisor.in_scope(|| request.in_scope(|| work(End::Wait)));

    let (html, doc) = (html(&page).await, json(&page).await);
    assert!(!html.contains("<img") && !html.contains("<b>named"), "{html}");
    let escaped = "&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;";
    assert_eq!(html.matches(escaped).count(), 3, "as a value of the live and the failed, and as an error: {html}");
    assert!(html.contains("&lt;b&gt;named&lt;/b&gt;"));
    assert_eq!(doc["mishaps"][1]["error"], MARKUP);
    assert_eq!(doc["mishaps"][1]["values"]["said"], MARKUP);
    for text in [html, doc.to_string()] {
        assert!(text.contains("acme") && !text.contains(SECRET) && !text.contains("token"), "{text}");
    }
}

#[background(timeout = "5s", inherit = ["said"])]
async fn say(said: String) -> Result<(), String> {
    Err(said)
}

#[tokio::test]
async fn of_a_text_without_end_a_part_is_kept() {
    const MANY: usize = 1 << 20;
    let supervisor = Supervisor::new();
    let page = StatusPage::new(&supervisor);
    let long = "<".repeat(MANY);
    let request = Context::new().with("said", long.clone());
    supervisor.in_scope(|| request.in_scope(|| say(long))).await.unwrap().unwrap_err();
    let doc = json(&page).await;
    let mishap = &doc["mishaps"][0];
    for text in [&mishap["error"], &mishap["values"]["said"]] {
        let text = text.as_str().unwrap();
        assert!(text.starts_with("<<<") && text.ends_with('…') && text.len() < 20_000, "{}", text.len());
    }
    assert!(html(&page).await.len() < MANY / 2);
}
