//! A client that leaves at any poll of a handler, over axum and a database file: each call that was made ends in the one
//! outcome it may, its row is there, and nothing is held.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::State;
use axum::routing::post;
use detached::testing::TestSupervisor;
use detached::tower::{ContextLayer, ShieldLayer};
use detached::{Key, OutcomeKind, background};
use http::Request;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use tokio::task::yield_now;
use tower::ServiceExt as _;

static USER_ID: Key<u32> = Key::new("user_id");
/// Is alive for as long as the request's context is.
static WITNESS: Key<Arc<()>> = Key::new("witness");

#[derive(Clone)]
struct App {
    pool: SqlitePool,
    /// The pages whose rows were asked for by this request.
    called: Arc<Mutex<Vec<&'static str>>>,
}

impl App {
    /// Notes that the call comes next; there is no wait in between.
    fn calls(&self, page: &'static str) -> &'static str {
        self.called.lock().unwrap().push(page);
        page
    }
}

#[background(timeout = "1m", inherit = [USER_ID])]
async fn record(pool: &SqlitePool, page: &str) -> sqlx::Result<()> {
    insert(pool, page).await
}

#[background(timeout = "1m", inherit = [USER_ID], origin = "follow")]
async fn record_while_wanted(pool: &SqlitePool, page: &str) -> sqlx::Result<()> {
    insert(pool, page).await
}

/// In two steps, either of which may be the last that a handler sees.
async fn insert(pool: &SqlitePool, page: &str) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    let insert = sqlx::query("INSERT INTO visits (user_id, page) VALUES (?, ?)");
    insert.bind(USER_ID.get()).bind(page).execute(&mut *transaction).await?;
    transaction.commit().await
}

async fn visit(State(app): State<App>) -> String {
    record(&app.pool, app.calls("first, not awaited"));
    yield_now().await;
    let _ = record(&app.pool, app.calls("awaited")).await;
    record_while_wanted(&app.pool, app.calls("followed, not awaited"));
    yield_now().await;
    let (rows,): (u32,) = sqlx::query_as("SELECT count(*) FROM visits").fetch_one(&app.pool).await.unwrap();
    let _ = record_while_wanted(&app.pool, app.calls("followed, awaited")).await;
    record(&app.pool, app.calls("last, not awaited"));
    yield_now().await;
    format!("visit {rows}")
}

/// What a team writes that has no background functions: safe behind a shield only.
async fn visit_by_hand(State(app): State<App>) -> String {
    insert(&app.pool, app.calls("by hand")).await.unwrap();
    "visited".to_owned()
}

async fn database(folder: &tempfile::TempDir) -> SqlitePool {
    let file = SqliteConnectOptions::new().filename(folder.path().join("visits.db")).create_if_missing(true);
    // One writer at a time, as SQLite has it; the others queue here.
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect_with(file.synchronous(SqliteSynchronous::Off)).await.unwrap();
    sqlx::query("CREATE TABLE visits (user_id INTEGER NOT NULL, page TEXT NOT NULL)").execute(&pool).await.unwrap();
    pool
}

/// The rows of a user, by page.
async fn rows(pool: &SqlitePool, user: u32) -> BTreeMap<String, u32> {
    let query = sqlx::query_as("SELECT page, count(*) FROM visits WHERE user_id = ? GROUP BY page");
    query.bind(user).fetch_all(pool).await.unwrap().into_iter().collect()
}

/// Waits until all connections are back: the pool takes them back in a task of its own.
async fn all_are_idle(pool: &SqlitePool) {
    let idle = async {
        while pool.num_idle() < pool.size() as usize {
            yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), idle).await.expect("a connection is held");
}

/// Requests that are dropped at their first wait, at their second, and so on, until one is answered. `check` looks at what
/// each has left: its user, the pages it called for, and the outcomes by function. Gives how many were dropped.
async fn disconnect_everywhere(
    route: impl Fn(App) -> Router,
    check: impl AsyncFn(&SqlitePool, u32, Vec<&'static str>, Vec<(&'static str, OutcomeKind)>),
) -> u32 {
    let folder = tempfile::tempdir().unwrap();
    let pool = database(&folder).await;
    let mut user = 0;
    loop {
        let (test, witness) = (TestSupervisor::new(), Arc::new(()));
        let app = App { pool: pool.clone(), called: Arc::default() };
        let contexts = ContextLayer::new().fill({
            let witness = Arc::clone(&witness);
            move |context, _| context.with(USER_ID, user).with(WITNESS, Arc::clone(&witness))
        });
        let router = test.supervisor().in_scope(|| route(app.clone()).layer(contexts));
        let request = Request::post("/visits").body(axum::body::Body::empty()).unwrap();
        let answer = async {
            let response = router.oneshot(request).await.unwrap();
            to_bytes(response.into_body(), 1 << 10).await.unwrap()
        };
        let answer = test.run(detached::testing::disconnect_at(user as usize, answer)).await;

        assert_eq!(test.supervisor().counts().live(), 0);
        let called = app.called.lock().unwrap().clone();
        let outcomes = test.outcomes().iter().map(|outcome| (outcome.name, outcome.kind)).collect();
        check(&pool, user, called, outcomes).await;
        all_are_idle(&pool).await;
        assert_eq!(Arc::strong_count(&witness), 1, "no request's context is alive, for user {user}");
        if answer.is_some() {
            break;
        }
        user += 1;
    }
    pool.close().await;
    user
}

#[tokio::test]
async fn each_call_that_a_handler_made_has_its_row_wherever_the_client_left() {
    let route = |app| Router::new().route("/visits", post(visit)).with_state(app);
    let dropped = disconnect_everywhere(route, async |pool, user, called, outcomes| {
        let ended = |name, kind| outcomes.iter().filter(|outcome| **outcome == (name, kind)).count();
        let (followed, recorded): (Vec<&str>, Vec<&str>) =
            called.into_iter().partition(|page| page.starts_with("followed"));
        assert_eq!(outcomes.len(), followed.len() + recorded.len(), "one outcome each: {outcomes:?}");
        // What is detached is done, once.
        assert_eq!(ended("record", OutcomeKind::Completed), recorded.len(), "{outcomes:?}");
        let rows = rows(pool, user).await;
        for page in recorded {
            assert_eq!(rows.get(page), Some(&1), "for user {user}");
        }
        // What follows its request is done or cancelled; and done as a whole or not at all.
        let done = ended("record_while_wanted", OutcomeKind::Completed);
        let cancelled = ended("record_while_wanted", OutcomeKind::Cancelled);
        assert_eq!(done + cancelled, followed.len(), "{outcomes:?}");
        let written = followed.iter().filter(|page| rows.get(**page) == Some(&1)).count();
        assert!(done <= written && written <= followed.len(), "{rows:?}");
    })
    .await;
    assert!(dropped >= 6, "before its first poll, and at each wait of its own; not at {dropped} places");
}

#[tokio::test]
async fn a_shielded_handler_ends_wherever_the_client_left() {
    let route = |app| {
        let shield = ShieldLayer::new(Duration::from_secs(60));
        Router::new().route("/visits", post(visit_by_hand)).layer(shield).with_state(app)
    };
    let dropped = disconnect_everywhere(route, async |pool, user, called, outcomes| {
        // Dropped before its first poll it has not begun, and from then on it always ends.
        let expected = usize::from(user > 0);
        assert_eq!((called.len(), outcomes.len()), (expected, expected), "for user {user}");
        assert!(outcomes.iter().all(|(_, kind)| *kind == OutcomeKind::Completed), "{outcomes:?}");
        assert_eq!(rows(pool, user).await.values().sum::<u32>() as usize, expected, "for user {user}");
    })
    .await;
    assert!(dropped >= 2, "before its first poll, and at the shield's wait; not at {dropped} places");
}
