//! Where a carrier is in place: in all that runs for a task, whatever becomes of it.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex};

use detached::{
    Capture, Context, Inherit, Key, Observer, Optional, Outcome, Supervisor, Task, TaskError, TaskInfo, ValueError,
    background,
};
use tokio::task::{LocalKey, yield_now};
use tracing::subscriber::DefaultGuard;
use tracing::{Subscriber, span};
use tracing_subscriber::layer::{self, Layer, SubscriberExt as _};

static USER_ID: Key<u64> = Key::new("user_id");
static TENANT: Key<&str> = Key::new("tenant");
static TOKEN: Key<&str> = Key::new("token").sensitive();

tokio::task_local! {
    static LOCALE: &'static str;
    static REGION: &'static str;
    static STEPS: Cell<u32>;
}

thread_local! {
    /// As an error tracker's is.
    static HUB: RefCell<Option<&'static str>> = const { RefCell::new(None) };
}

struct HubCarrier;

static HUB_OF_CALLER: HubCarrier = HubCarrier;

impl Inherit for HubCarrier {
    type Captured = &'static str;

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<&'static str>, ValueError> {
        Ok(HUB.take().inspect(|hub| HUB.set(Some(hub))))
    }

    fn enter<R>(&'static self, hub: &&'static str, run: impl FnOnce() -> R) -> R {
        struct Restore(Option<&'static str>);
        impl Drop for Restore {
            fn drop(&mut self) {
                HUB.set(self.0);
            }
        }
        let _restore = Restore(HUB.replace(Some(hub)));
        run()
    }
}

type Locals = (&'static LocalKey<&'static str>, Optional<&'static LocalKey<&'static str>>);

/// A reference to a key, a text, and a nested group.
static REQUEST: (&Key<u64>, &str, Locals) = (&USER_ID, "tenant?", (&LOCALE, Optional::new(&REGION)));

/// One of each kind, as it is here; `-` for what is not.
fn seen() -> String {
    let context = Context::current();
    let user = context.get(USER_ID).map_or("-".to_owned(), |user| user.to_string());
    let [tenant, token] = [TENANT, TOKEN].map(|key| context.get(key).unwrap_or("-"));
    let [locale, region] = [&LOCALE, &REGION].map(|local| local.try_with(|held| *held).unwrap_or("-"));
    let hub = HUB.with_borrow(|hub| hub.unwrap_or("-"));
    format!("{user} {tenant} {token} {locale} {region} {hub}")
}

const NOTHING: &str = "- - - - - -";
const ALL: &str = "7 acme t0ken fr eu hub";

/// What happened, and what was seen there.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(String, String)>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push((what.into(), seen()));
    }

    /// What happened, in order; everything was in place at each.
    #[track_caller]
    fn moments(&self) -> Vec<String> {
        let noted = std::mem::take(&mut *self.0.lock().unwrap());
        for (what, seen) in &noted {
            assert_eq!(seen, ALL, "{what}, of {noted:#?}");
        }
        noted.into_iter().map(|(what, _)| what).collect()
    }
}

impl Observer for Log {
    fn on_call(&self, _: &TaskInfo) {
        self.note("call");
    }

    fn on_start(&self, _: &TaskInfo) {
        self.note("start");
    }

    fn on_end(&self, _: &TaskInfo, outcome: &Outcome<'_>) {
        self.note(outcome.name());
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: layer::Context<'_, S>) {
        self.note(if event.metadata().name() == "task" { "event" } else { "another event" });
    }

    fn on_close(&self, _: span::Id, _: layer::Context<'_, S>) {
        self.note("close");
    }
}

/// Held by a body, which is dropped where this is.
struct Held(Log);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.note("drop");
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Body {
    Ends,
    Panics,
    Waits,
}

#[background(timeout = "1h", inherit = [REQUEST, HUB_OF_CALLER, TOKEN], limit = 1, overflow = "drop_oldest", queue = 1)]
async fn run(held: Held, body: Body) {
    held.0.note("poll");
    yield_now().await;
    held.0.note("poll");
    match body {
        Body::Ends => {}
        Body::Panics => panic!("as it is told"),
        Body::Waits => std::future::pending().await,
    }
}

#[background(timeout = "1h", inherit = [REQUEST, HUB_OF_CALLER, TOKEN], limit = 1)]
async fn run_alone(held: Held) {
    let _held = held;
    std::future::pending().await
}

/// A supervisor and a subscriber that note what they see.
struct Watched {
    log: Log,
    supervisor: Supervisor,
    _subscriber: DefaultGuard,
}

impl Watched {
    fn new() -> Self {
        let log = Log::default();
        let subscriber = tracing::subscriber::set_default(tracing_subscriber::registry().with(log.clone()));
        let supervisor = Supervisor::builder().observer(log.clone()).build();
        Self { log, supervisor, _subscriber: subscriber }
    }

    /// Calls where all of it is in place, and nowhere else.
    async fn call<T>(&self, call: impl FnOnce(Held) -> Task<T>) -> Task<T> {
        let request = Context::new().with(USER_ID, 7).with(TENANT, "acme").with(TOKEN, "t0ken");
        let in_hub = || {
            HUB.set(Some("hub"));
            let task = call(Held(self.log.clone()));
            HUB.set(None);
            task
        };
        let in_locals = async { LOCALE.sync_scope("fr", || REGION.sync_scope("eu", in_hub)) };
        let task = self.supervisor.scope(request.scope(in_locals)).await;
        assert_eq!(seen(), NOTHING);
        task
    }
}

#[tokio::test(start_paused = true)]
async fn in_all_steps_of_a_task_that_ends() {
    let watched = Watched::new();
    watched.call(|held| run(held, Body::Ends)).await.await.unwrap();
    assert_eq!(watched.log.moments(), ["call", "start", "poll", "poll", "drop", "event", "completed", "close"]);
    assert_eq!(seen(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn in_all_steps_of_a_task_that_panics() {
    let watched = Watched::new();
    assert_eq!(watched.call(|held| run(held, Body::Panics)).await.await, Err(TaskError::Panicked));
    assert_eq!(watched.log.moments(), ["call", "start", "poll", "poll", "drop", "event", "panicked", "close"]);
    assert_eq!(seen(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn in_all_steps_of_a_task_that_times_out() {
    let watched = Watched::new();
    assert_eq!(watched.call(|held| run(held, Body::Waits)).await.await, Err(TaskError::TimedOut));
    assert_eq!(watched.log.moments(), ["call", "start", "poll", "poll", "drop", "event", "timed_out", "close"]);
}

#[tokio::test(start_paused = true)]
async fn in_the_end_of_a_task_that_never_starts() {
    let watched = Watched::new();
    let task = watched.call(|held| run(held, Body::Ends)).await;
    task.cancel("before its first poll");
    assert!(matches!(task.await, Err(TaskError::Cancelled(_))));
    assert_eq!(watched.log.moments(), ["call", "drop", "event", "cancelled", "close"]);
}

#[tokio::test(start_paused = true)]
async fn in_the_end_of_a_task_that_waited_in_vain() {
    let watched = Watched::new();
    let running = watched.call(|held| run(held, Body::Waits)).await;
    yield_now().await;
    let displaced = watched.call(|held| run(held, Body::Ends)).await;
    watched.log.moments();

    let waiting = watched.call(|held| run(held, Body::Ends)).await;
    assert!(matches!(displaced.await, Err(TaskError::Rejected(_))));
    assert_eq!(watched.log.moments(), ["call", "poll", "drop", "event", "rejected", "close"]);
    running.cancel("the end of the test");
    waiting.await.unwrap();
    watched.log.moments();
}

#[tokio::test(start_paused = true)]
async fn in_a_call_that_is_rejected_at_once() {
    let watched = Watched::new();
    let _running = watched.call(run_alone).await;
    yield_now().await;
    watched.log.moments();
    assert!(matches!(watched.call(run_alone).await.await, Err(TaskError::Rejected(_))));
    let moments = watched.log.moments();
    assert!(
        ["call", "drop", "event", "rejected"].iter().all(|told| moments.iter().any(|it| it == told)),
        "{moments:?}"
    );
}

#[test]
fn in_the_end_of_a_task_whose_runtime_is_dropped() {
    let watched = Watched::new();
    for polls in [0, 1] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let task = runtime.block_on(async {
            let task = watched.call(|held| run(held, Body::Waits)).await;
            for _ in 0..polls {
                yield_now().await;
            }
            task
        });
        watched.log.moments();
        drop(runtime);
        assert!(task.is_finished());
        assert_eq!(watched.log.moments(), ["drop", "event", "cancelled", "close"], "after {polls} polls");
    }
}

/// Counts in a task-local.
struct Counts(Arc<Mutex<Vec<u32>>>);

impl Observer for Counts {
    fn on_start(&self, _: &TaskInfo) {
        count();
    }

    fn on_end(&self, _: &TaskInfo, _: &Outcome<'_>) {
        self.0.lock().unwrap().push(count());
    }
}

fn count() -> u32 {
    STEPS.with(|steps| steps.replace(steps.get() + 1))
}

#[tokio::test(start_paused = true)]
async fn what_a_task_local_is_changed_to_lasts_from_step_to_step() {
    static STEPS_IF_SET: Optional<&LocalKey<Cell<u32>>> = Optional::new(&STEPS);
    static NESTED: ((&LocalKey<Cell<u32>>,),) = ((&STEPS,),);
    async fn body() -> u32 {
        count();
        yield_now().await;
        count()
    }
    #[background(timeout = "1h", inherit = [STEPS])]
    async fn plain() -> u32 {
        body().await
    }
    #[background(timeout = "1h", inherit = [STEPS_IF_SET])]
    async fn optional() -> u32 {
        body().await
    }
    #[background(timeout = "1h", inherit = [NESTED?])]
    async fn grouped() -> u32 {
        body().await
    }
    #[background(timeout = "1h", inherit = [STEPS])]
    async fn panicking() -> u32 {
        body().await;
        panic!("after it counted");
    }

    let ends = Arc::new(Mutex::new(Vec::new()));
    let supervisor = Supervisor::builder().observer(Counts(Arc::clone(&ends))).build();
    let call = |call: fn() -> Task<u32>| STEPS.sync_scope(Cell::new(10), call);
    for function in [plain, optional, grouped] {
        assert_eq!(supervisor.scope(async { call(function) }).await.await, Ok(12));
        assert_eq!(ends.lock().unwrap().pop(), Some(13));
    }
    assert_eq!(supervisor.scope(async { call(panicking) }).await.await, Err(TaskError::Panicked));
    assert_eq!(ends.lock().unwrap().pop(), Some(13));
}
