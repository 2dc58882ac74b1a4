//! `spawn_blocking`: synchronous code finds what is in place where it is called, and is the supervisor's until it ends.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use detached::testing::TestSupervisor;
use detached::{
    Capture, Cause, Context, DrainReport, Inherit, Key, Optional, Supervisor, TaskError, ValueError, background,
    spawn_blocking,
};
use detached_tests::recording::Recording;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::LocalKey;

static USER_ID: Key<u64> = Key::new("user_id");
static TENANT: Key<String> = Key::new("tenant");

tokio::task_local! {
    static LOCALE: &'static str;
    static TRIES: u8;
}

static REQUEST: (Optional<Key<String>>, &LocalKey<u8>) = (TENANT.optional(), &TRIES);

thread_local! {
    /// What an error tracker's hub is: bound to the thread.
    static CURRENT: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn hub() -> Option<String> {
    CURRENT.with_borrow(Clone::clone)
}

struct Hub;

static HUB: Hub = Hub;

impl Inherit for Hub {
    type Captured = String;

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<String>, ValueError> {
        Ok(hub())
    }

    fn enter<R>(&'static self, captured: &String, run: impl FnOnce() -> R) -> R {
        struct Restore(Option<String>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(captured.clone())));
        run()
    }
}

/// What a piece of code finds in place.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    user: Option<u64>,
    tenant: Option<String>,
    locale: Option<&'static str>,
    tries: Option<u8>,
    hub: Option<String>,
    span: Option<&'static str>,
}

fn look() -> Found {
    Found {
        user: USER_ID.try_get().ok(),
        tenant: TENANT.try_get().ok(),
        locale: LOCALE.try_with(|locale| *locale).ok(),
        tries: TRIES.try_with(|tries| *tries).ok(),
        hub: hub(),
        span: tracing::Span::current().metadata().map(tracing::Metadata::name),
    }
}

/// A pool with one thread, so that each closure runs where the one before it ran.
fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap()
}

#[background(timeout = "5s", inherit = [USER_ID, LOCALE, REQUEST, HUB])]
async fn look_in_a_task() -> [Found; 3] {
    let nested = spawn_blocking(|| spawn_blocking(look));
    // The handles' own names are free: what is captured is captured at the call.
    [look(), spawn_blocking(look).await.unwrap(), nested.await.unwrap().await.unwrap()]
}

#[test]
fn a_closure_of_a_task_finds_all_that_its_body_finds() {
    let recording = Recording::new();
    let runtime = one_thread();
    runtime.block_on(async {
        let set = recording.set_default();
        CURRENT.set(Some("of the request".to_owned()));
        let request = Context::new().with(USER_ID, 7).with(TENANT, "acme".to_owned());
        let task = request.in_scope(|| LOCALE.sync_scope("fr", || TRIES.sync_scope(3, look_in_a_task)));
        CURRENT.set(None);
        drop(set);
        let [body, closure, nested] = task.await.unwrap();
        let expected = Found {
            user: Some(7),
            tenant: Some("acme".to_owned()),
            locale: Some("fr"),
            tries: Some(3),
            hub: Some("of the request".to_owned()),
            span: Some("look_in_a_task"),
        };
        assert_eq!((&body, &closure, &nested), (&expected, &expected, &expected));
        // And nothing stays on the thread.
        assert_eq!(tokio::task::spawn_blocking(look).await.unwrap(), Found::default());
    });
}

#[tokio::test]
async fn its_events_are_in_the_span_and_reach_the_subscriber_that_it_was_called_under() {
    #[background(timeout = "5s")]
    async fn resize() {
        spawn_blocking(|| tracing::info!("resized")).await.unwrap();
    }
    let recording = Recording::new();
    recording.with_default(resize).await.unwrap();
    assert_eq!(recording.event("resized").span, Some("resize"));
    assert!(!recording.span("resize").is_open);

    let request = recording.with_default(|| {
        let span = tracing::info_span!("request");
        span.in_scope(|| spawn_blocking(|| tracing::info!("parsed")))
    });
    request.await.unwrap();
    assert_eq!(recording.event("parsed").span, Some("request"));
    assert!(!recording.span("request").is_open);
}

#[tokio::test]
async fn the_context_is_the_same_one_and_no_copy() {
    #[background(timeout = "5s")]
    async fn count() -> (Result<u64, ValueError>, Option<Cause>) {
        let context = Context::current();
        spawn_blocking(|| {
            Context::current().insert(USER_ID, 7);
            assert!(Context::current().origin().is_some());
        })
        .await
        .unwrap();
        (context.get(USER_ID), context.origin().unwrap().cause())
    }
    let request = Context::new();
    let counted = request.in_scope(count);
    assert_eq!(counted.await, Ok((Ok(7), None)));

    request.in_scope(|| spawn_blocking(|| Context::current().cancel("as told"))).await.unwrap();
    assert_eq!(request.cause(), Some(Cause::from("as told")));
}

#[background(timeout = "5s", inherit = [USER_ID])]
async fn audit() -> u64 {
    USER_ID.get()
}

#[background(timeout = "5s", inherit = [USER_ID])]
async fn audit_in_a_closure() -> Result<u64, TaskError> {
    spawn_blocking(audit).await.unwrap().await
}

#[tokio::test]
async fn its_calls_inherit_and_belong_to_the_supervisor_in_place() {
    let supervisor = Supervisor::new();
    let request = supervisor.in_scope(|| Context::new().with(USER_ID, 7));

    assert_eq!(request.in_scope(audit_in_a_closure).await, Ok(Ok(7)));
    assert_eq!(request.in_scope(|| spawn_blocking(audit)).await.unwrap().await, Ok(7));
    // Of a context that knows no supervisor.
    let call = || Context::new().with(USER_ID, 8).in_scope(|| spawn_blocking(audit));
    assert_eq!(supervisor.in_scope(call).await.unwrap().await, Ok(8));

    let counts = supervisor.counts();
    assert_eq!((counts.function("audit").completed, counts.function("audit_in_a_closure").completed), (3, 1));
    assert_eq!(counts.called, 4, "a closure is no call");
}

#[tokio::test]
async fn where_nothing_is_in_place_nothing_is_in_there() {
    let found = spawn_blocking(|| (look(), Context::try_current().is_none(), Supervisor::try_current().is_none()));
    assert_eq!(found.await.unwrap(), (Found::default(), true, true));
}

#[test]
fn on_a_plain_thread_it_runs_in_the_supervisors_own_runtime() {
    let runtime = one_thread();
    let supervisor = Supervisor::builder().runtime(runtime.handle().clone()).build();
    let own = runtime.handle().id();
    let called = thread::spawn({
        let supervisor = supervisor.clone();
        move || {
            let request = supervisor.in_scope(|| Context::new().with(USER_ID, 7));
            request.in_scope(|| spawn_blocking(|| (Handle::current().id(), look().user, audit())))
        }
    });
    let called = called.join().unwrap();
    runtime.block_on(async {
        let (ran_in, user, task) = called.await.unwrap();
        assert_eq!((ran_in, user, task.await), (own, Some(7), Ok(7)));
    });

    // Inside of another runtime too.
    let other = Builder::new_current_thread().build().unwrap();
    let ran_in = other.block_on(supervisor.scope(async { spawn_blocking(|| Handle::current().id()).await.unwrap() }));
    assert_eq!(ran_in, own);
}

#[test]
fn outside_of_any_runtime_it_panics_as_tokios_does_and_leaves_nothing_behind() {
    let supervisor = Supervisor::new();
    let held = Arc::new(());
    let moved = Arc::clone(&held);
    let [ours, tokios] = [
        catch_unwind(AssertUnwindSafe(|| drop(supervisor.in_scope(|| spawn_blocking(move || drop(moved)))))),
        catch_unwind(|| drop(tokio::task::spawn_blocking(|| ()))),
    ]
    .map(|panicked| panicked.unwrap_err().downcast_ref::<String>().cloned().unwrap());
    assert_eq!(ours, tokios);
    assert_eq!(Arc::strong_count(&held), 1);
    let report =
        Builder::new_current_thread().enable_time().build().unwrap().block_on(supervisor.drain(Duration::ZERO));
    assert!(report.is_clean() && report.abandoned.is_empty(), "{report}");
}

#[test]
fn a_panic_is_the_handles_and_leaves_nothing_on_the_thread() {
    let runtime = one_thread();
    runtime.block_on(async {
        let supervisor = Supervisor::new();
        let request = supervisor.in_scope(|| Context::new().with(USER_ID, 7));
        let handle = request.in_scope(|| spawn_blocking(|| std::panic::panic_any(5_u8)));
        let error = handle.await.unwrap_err();
        assert_eq!(error.into_panic().downcast_ref(), Some(&5_u8));
        let stays = || (look(), Supervisor::try_current().is_none());
        assert_eq!(tokio::task::spawn_blocking(stays).await.unwrap(), (Found::default(), true));
        supervisor.idle().await;
    });
}

/// Says where it was dropped, and then panics.
struct SaysWhere(Sender<Option<u64>>);

impl Drop for SaysWhere {
    fn drop(&mut self) {
        self.0.send(USER_ID.try_get().ok()).unwrap();
        panic!("in a drop");
    }
}

/// A closure that has the pool's only thread until it is told to end.
fn occupy() -> (Sender<()>, tokio::task::JoinHandle<()>) {
    let (end, ended) = mpsc::channel::<()>();
    (end, tokio::task::spawn_blocking(move || ended.recv().unwrap_or_default()))
}

#[test]
fn what_a_closure_holds_that_never_runs_is_dropped_in_its_place_and_hurts_nobody() {
    let runtime = one_thread();
    let supervisor = Supervisor::new();
    let (says, where_dropped) = mpsc::channel();
    let (end, held) = {
        let _entered = runtime.enter();
        let (end, _) = occupy();
        let held = SaysWhere(says.clone());
        let request = supervisor.in_scope(|| Context::new().with(USER_ID, 7));
        (end, request.in_scope(|| spawn_blocking(move || drop(held))))
    };
    held.abort();
    drop(end);
    runtime.block_on(async {
        assert!(held.await.unwrap_err().is_cancelled());
        supervisor.idle().await;
    });
    assert_eq!(where_dropped.try_iter().collect::<Vec<_>>(), [Some(7)]);

    // A runtime that has ended takes none.
    let ended = one_thread().handle().clone();
    let supervisor = Supervisor::builder().runtime(ended).build();
    let late = SaysWhere(says);
    let request = supervisor.in_scope(|| Context::new().with(USER_ID, 8));
    let never = request.in_scope(|| spawn_blocking(move || drop(late)));
    runtime.block_on(async {
        assert!(never.await.unwrap_err().is_cancelled());
        supervisor.idle().await;
    });
    assert_eq!(where_dropped.try_iter().collect::<Vec<_>>(), [Some(8)]);
}

/// Finds nothing once it is in place, or panics then.
struct Once {
    panics: bool,
}

static ONCE: Once = Once { panics: false };
static ONCE_OR_PANIC: Once = Once { panics: true };

impl Inherit for Once {
    type Captured = String;

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<String>, ValueError> {
        assert!(hub().is_none() || !self.panics, "as told");
        Ok(hub().is_none().then(|| "once".to_owned()))
    }

    fn enter<R>(&'static self, captured: &String, run: impl FnOnce() -> R) -> R {
        HUB.enter(captured, run)
    }
}

#[tokio::test]
async fn a_carrier_that_finds_nothing_there_is_not_in_place_and_one_that_panics_does_so_in_the_caller() {
    #[background(timeout = "5s", inherit = [ONCE])]
    async fn find() -> [Option<String>; 2] {
        [hub(), spawn_blocking(hub).await.unwrap()]
    }
    assert_eq!(find().await, Ok([Some("once".to_owned()), None]));

    #[background(timeout = "5s", inherit = [ONCE_OR_PANIC])]
    async fn fail() {
        spawn_blocking(hub).await.unwrap();
    }
    let supervisor = Supervisor::new();
    assert_eq!(supervisor.in_scope(fail).await, Err(TaskError::Panicked));
    supervisor.idle().await;
}

/// A closure that runs until it is told to go on, and then does something.
fn stuck<R: Send + 'static>(
    then: impl FnOnce() -> R + Send + 'static,
) -> (Sender<()>, oneshot::Receiver<()>, impl FnOnce() -> R + Send + 'static) {
    let (go_on, told) = mpsc::channel::<()>();
    let (begun, has_begun) = oneshot::channel();
    let closure = move || {
        let _ = begun.send(());
        let _ = told.recv();
        then()
    };
    (go_on, has_begun, closure)
}

/// What a drain named, with the line of each.
fn abandoned(report: &DrainReport) -> Vec<(&'static str, u32)> {
    report.abandoned.iter().map(|task| (task.name, task.caller.line())).collect()
}

#[tokio::test]
async fn a_drain_names_a_closure_that_outlives_its_task_and_one_that_was_started_in_none() {
    #[background(timeout = "5s")]
    async fn leave_behind(closure: Box<dyn FnOnce() + Send>) -> u32 {
        drop(spawn_blocking(closure));
        line!() - 1
    }
    let supervisor = Supervisor::new();
    let (go_on, has_begun, closure) = stuck(|| ());
    let (go_on_too, _, another) = stuck(|| ());
    let in_the_task = supervisor.in_scope(|| leave_behind(Box::new(closure))).await.unwrap();
    has_begun.await.unwrap();
    let (in_none, handle) = supervisor.in_scope(|| (line!(), spawn_blocking(another)));

    assert!(supervisor.tasks().is_empty(), "a closure is no task");
    let report = supervisor.drain(Duration::ZERO).await;
    assert_eq!(abandoned(&report), [("spawn_blocking", in_the_task), ("spawn_blocking", in_none)]);
    assert!(report.abandoned.iter().all(|closure| closure.caller.file() == file!()));
    assert_eq!(abandoned(&report.lost()), abandoned(&report));
    assert!(!report.is_clean());
    assert!(report.to_string().contains("spawn_blocking"), "{report}");

    drop((go_on, go_on_too));
    handle.await.unwrap();
    supervisor.idle().await;
    let report = supervisor.drain(Duration::ZERO).await;
    assert!(report.abandoned.is_empty() && report.is_clean(), "{report}");
}

#[test]
fn while_its_task_lives_that_is_named_for_it() {
    #[background(timeout = "none")]
    async fn wait(closure: Box<dyn FnOnce() + Send>) {
        spawn_blocking(closure).await.unwrap();
    }
    let runtime = one_thread();
    let supervisor = Supervisor::builder().runtime(runtime.handle().clone()).build();
    let (go_on, has_begun, closure) = stuck(|| ());
    let task = supervisor.in_scope(|| wait(Box::new(closure)));
    // Their runtime runs no longer than until the closure has begun, so the task does not hear of the drain.
    runtime.block_on(has_begun).unwrap();
    let report =
        Builder::new_current_thread().enable_time().build().unwrap().block_on(supervisor.drain(Duration::ZERO));
    assert_eq!(report.abandoned.iter().map(|task| task.name).collect::<Vec<_>>(), ["wait"]);
    drop((go_on, task));
}

#[tokio::test]
async fn a_drain_waits_for_a_closure_and_admits_its_calls() {
    let supervisor = Supervisor::new();
    let (go_on, has_begun, closure) = stuck(audit);
    let request = supervisor.in_scope(|| Context::new().with(USER_ID, 7));
    let handle = request.in_scope(|| spawn_blocking(closure));
    has_begun.await.unwrap();

    let drained = tokio::spawn({
        let supervisor = supervisor.clone();
        async move { supervisor.drain(Duration::from_secs(3600)).await }
    });
    supervisor.draining().await;
    // By now the drain waits, on this one thread.
    tokio::task::yield_now().await;
    assert!(!drained.is_finished());
    drop(go_on);

    let report = drained.await.unwrap();
    assert!(report.is_clean() && report.rejected.is_empty(), "{report}");
    assert_eq!(handle.await.unwrap().await, Ok(7));
    let completed: Vec<_> = report.completed.iter().map(|task| task.name).collect();
    assert_eq!(completed, ["audit"], "the closure itself is no task");
}

/// Work is handed from a task to a closure to a task, each of which begins as the one before it ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_drain_misses_nothing_that_goes_from_a_task_to_a_closure_and_back() {
    #[background(timeout = "5s")]
    async fn finish(open: Arc<AtomicUsize>) {
        open.fetch_sub(1, Ordering::SeqCst);
    }
    #[background(timeout = "5s")]
    async fn begin(open: Arc<AtomicUsize>) {
        spawn_blocking(|| drop(finish(open)));
    }
    for round in 0..300 {
        let (supervisor, open) = (Supervisor::new(), Arc::new(AtomicUsize::new(3)));
        supervisor.in_scope(|| (0..3).for_each(|_| drop(begin(Arc::clone(&open)))));
        let report = supervisor.drain(Duration::from_secs(3600)).await;
        assert!(report.is_clean(), "round {round}: {report}");
        assert_eq!(open.load(Ordering::SeqCst), 0, "round {round}: {report}");
    }
}

#[tokio::test]
async fn idle_waits_for_it_too_but_not_for_that_of_a_resident() {
    #[background(timeout = "none", shutdown = "cancel")]
    async fn watch(closure: Box<dyn FnOnce() + Send>) {
        spawn_blocking(closure).await.unwrap();
    }
    let supervisor = Supervisor::new();
    let (keep_watching, has_begun, closure) = stuck(|| ());
    drop(supervisor.in_scope(|| watch(Box::new(closure))));
    has_begun.await.unwrap();
    supervisor.idle().await;

    let (go_on, has_begun, closure) = stuck(|| ());
    drop(supervisor.in_scope(|| spawn_blocking(closure)));
    has_begun.await.unwrap();
    let mut idle = std::pin::pin!(supervisor.idle());
    tokio::select! {
        biased;
        () = &mut idle => panic!("a closure runs"),
        () = tokio::task::yield_now() => {}
    }
    drop(go_on);
    idle.await;

    // The drain cancels the resident, and its closure goes on: from then on it is nobody's.
    let report = supervisor.drain(Duration::ZERO).await;
    assert_eq!(report.residents.iter().map(|task| task.name).collect::<Vec<_>>(), ["watch"]);
    assert_eq!(report.abandoned.iter().map(|task| task.name).collect::<Vec<_>>(), ["spawn_blocking"]);
    drop(keep_watching);
}

#[tokio::test]
async fn it_hears_of_its_tasks_end_by_the_context() {
    #[background(timeout = "none")]
    async fn search(told: Receiver<()>, found: oneshot::Sender<Option<Cause>>) {
        let search = move || {
            let _ = told.recv();
            let _ = found.send(Context::current().cause());
        };
        spawn_blocking(search).await.unwrap();
    }
    let (go_on, told) = mpsc::channel();
    let (found, cause) = oneshot::channel();
    let task = search(told, found);
    // Its first poll starts the closure.
    tokio::task::yield_now().await;
    task.cancel("enough");
    assert_eq!(task.await, Err(TaskError::Cancelled(Cause::from("enough"))));
    drop(go_on);
    assert_eq!(cause.await, Ok(Some(Cause::from("enough"))));
}

#[tokio::test(start_paused = true)]
async fn a_test_waits_for_what_its_code_leaves_behind() {
    let test = TestSupervisor::new();
    let done = Arc::new(Mutex::new(false));
    let does = Arc::clone(&done);
    test.run(async { drop(spawn_blocking(move || *does.lock().unwrap() = true)) }).await;
    assert!(*done.lock().unwrap());
}
