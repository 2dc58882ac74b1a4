//! What a call takes along, or leaves behind, may panic when it is dropped: the caller never sees that, and no task does.

use std::fmt::Debug;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use detached::{Cause, Context, Key, Observer, Outcome, Reason, Supervisor, Task, TaskError, TaskInfo, background};
use tokio::sync::oneshot;
use tokio::task::LocalKey;

const SECOND: Duration = Duration::from_secs(1);

/// Counts its drops, each of which panics.
#[derive(Clone, Debug, Default)]
struct Bomb(Arc<AtomicUsize>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("in the drop");
    }
}

/// Counts bombs that went off.
#[derive(Clone, Debug, Default)]
struct Drops(Arc<AtomicUsize>);

impl Drops {
    fn bomb(&self) -> Bomb {
        Bomb(Arc::clone(&self.0))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs what must not panic.
#[track_caller]
fn quietly<R>(run: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(given) => given,
        Err(_) => panic!("the caller was hurt"),
    }
}

#[track_caller]
fn assert_rejected<T: Debug>(ended: Result<T, TaskError>) -> Reason {
    match ended {
        Err(TaskError::Rejected(reason)) => reason,
        ended => panic!("it is rejected, not {ended:?}"),
    }
}

const MISSING: Reason = Reason::MissingValue { name: "user_id" };

#[derive(Clone, Debug)]
struct Mailer {
    _bomb: Bomb,
}

impl Mailer {
    #[background(timeout = "5s")]
    async fn by_value(self, #[inherit] user_id: u64) -> u64 {
        user_id
    }

    #[background(timeout = "5s")]
    async fn shared(self: Arc<Self>, #[inherit] user_id: u64) -> u64 {
        user_id
    }

    #[background(timeout = "5s")]
    async fn borrowed(&self, #[inherit] user_id: u64) -> u64 {
        user_id
    }
}

#[background(timeout = "5s")]
async fn by_value(_bomb: Bomb, #[inherit] user_id: u64) -> u64 {
    user_id
}

#[background(timeout = "5s")]
async fn after_the_inherited(#[inherit] user_id: u64, _bomb: Bomb, #[inherit] tenant: Option<&'static str>) -> u64 {
    user_id + tenant.map_or(0, |tenant| tenant.len() as u64)
}

#[background(timeout = "5s")]
async fn in_a_pattern((number, _): (u64, Bomb), #[inherit] user_id: u64) -> u64 {
    user_id + number
}

#[background(timeout = "5s")]
async fn left_aside(_: Bomb, #[inherit] user_id: u64) -> u64 {
    user_id
}

#[background(timeout = "5s")]
async fn borrowed(_bomb: &Bomb, #[inherit] user_id: u64) -> u64 {
    user_id
}

#[background(timeout = "5s")]
async fn generic<T: Send + 'static>(_bomb: T, #[inherit] user_id: u64) -> u64 {
    user_id
}

#[background(timeout = "5s", inherit = ["user_id"])]
async fn by_name(_bomb: Bomb) {}

static USER_ID: Key<u64> = Key::new("user_id");

#[background(timeout = "5s", inherit = [USER_ID])]
async fn by_key(_bomb: Bomb) {}

/// The call, made where there is no value to inherit.
#[track_caller]
fn refused<T: Debug + Send + 'static>(call: impl FnOnce(&Drops) -> Task<T>) -> impl Future<Output = ()> {
    let drops = Drops::default();
    let task = quietly(|| call(&drops));
    assert!(drops.count() > 0, "what the refused call was given is dropped with it");
    async { assert_eq!(assert_rejected(task.await), MISSING) }
}

#[tokio::test]
async fn an_argument_of_a_call_that_lacks_a_value_does_not_hurt_the_caller() {
    refused(|drops| by_value(drops.bomb())).await;
    refused(|drops| after_the_inherited(drops.bomb())).await;
    refused(|drops| in_a_pattern((1, drops.bomb()))).await;
    refused(|drops| left_aside(drops.bomb())).await;
    refused(|drops| generic(drops.bomb())).await;
    refused(|drops| by_name(drops.bomb())).await;
    refused(|drops| by_key(drops.bomb())).await;
    refused(|drops| Mailer { _bomb: drops.bomb() }.by_value()).await;
    refused(|drops| Arc::new(Mailer { _bomb: drops.bomb() }).shared()).await;

    // The originals are the caller's; leaked, so that only the copies go off.
    refused(|drops| borrowed(Box::leak(Box::new(drops.bomb())))).await;
    refused(|drops| Box::leak(Box::new(Mailer { _bomb: drops.bomb() })).borrowed()).await;
}

#[tokio::test]
async fn nor_does_one_whose_value_is_of_another_type() {
    for name in ["user_id", "tenant"] {
        let drops = Drops::default();
        let request = Context::new().with("user_id", 7_u64).with(name, 'x');
        let task = request.scope(async { quietly(|| after_the_inherited(drops.bomb())) }).await;
        assert_eq!(drops.count(), 1);
        assert!(matches!(assert_rejected(task.await), Reason::WrongType(_)));
    }
}

#[tokio::test]
async fn with_the_value_there_an_arguments_drop_is_the_tasks() {
    let request = Context::new().with("user_id", 7_u64);
    let drops = Drops::default();
    let task = request.scope(async { quietly(|| by_value(drops.bomb())) }).await;
    assert_eq!(task.await, Err(TaskError::Panicked));
    assert_eq!(drops.count(), 1);
}

#[tokio::test]
async fn nor_is_the_caller_hurt_whatever_else_stands_against_the_call() {
    #[background(timeout = bound)]
    async fn bounded(_bomb: Bomb, bound: Duration) {
        let _ = bound;
    }

    #[background(timeout = "none", limit = 1, overflow = "wait", queue = 1)]
    async fn limited(_held: Option<Bomb>) {
        std::future::pending().await
    }

    let drops = Drops::default();
    let task = quietly(|| bounded(drops.bomb(), Duration::ZERO));
    assert_eq!(assert_rejected(task.await), Reason::ZeroTimeout);

    let full = Supervisor::builder().max_tasks(0).build();
    let task = full.scope(async { quietly(|| bounded(drops.bomb(), SECOND)) }).await;
    assert_eq!(assert_rejected(task.await), Reason::SupervisorFull);

    let drained = Supervisor::new();
    drained.drain(Duration::ZERO).await;
    let task = drained.scope(async { quietly(|| bounded(drops.bomb(), SECOND)) }).await;
    assert_eq!(assert_rejected(task.await), Reason::Draining);

    let task =
        std::thread::scope(|threads| threads.spawn(|| quietly(|| bounded(drops.bomb(), SECOND))).join().unwrap());
    assert_eq!(assert_rejected(task.await), Reason::NoRuntime);

    let crowded = Supervisor::new();
    let task = crowded.scope(async { [limited(None), limited(None), quietly(|| limited(Some(drops.bomb())))] }).await;
    let [.., last] = task;
    assert_eq!(assert_rejected(last.await), Reason::QueueFull);
    assert_eq!(drops.count(), 5);
}

#[background(timeout = "5s")]
async fn of_context(#[context] ctx: Context) -> Vec<&'static str> {
    ctx.names()
}

#[background(timeout = "5s", inherit = ["user_id"])]
async fn of_context_with_value(#[context] ctx: Context) -> Vec<&'static str> {
    ctx.names()
}

#[tokio::test]
async fn the_last_handle_of_a_context_that_is_passed_by_hand_goes_with_the_call() {
    let drops = Drops::default();
    let request = || Context::new().with("bomb", drops.bomb());

    assert_eq!(quietly(|| of_context(request())).await, Ok(vec![]));
    assert_eq!(drops.count(), 1);
    assert_eq!(assert_rejected(quietly(|| of_context_with_value(request())).await), MISSING);
    assert_eq!(drops.count(), 2);

    let builder = || detached::task("by hand").timeout(SECOND).context(&request());
    assert_eq!(quietly(|| builder().spawn(async {})).await, Ok(()));
    assert_eq!(drops.count(), 3);
    assert_eq!(assert_rejected(quietly(|| builder().inherit(&"user_id").spawn(async {})).await), MISSING);
    assert_eq!(drops.count(), 4);
}

#[tokio::test]
async fn each_of_several_values_that_a_call_holds_last_is_dropped_on_its_own() {
    let drops = Drops::default();
    let request = || Context::new().with("first", drops.bomb()).with("second", drops.bomb());
    assert_eq!(quietly(|| of_context(request())).await, Ok(vec![]));
    assert_eq!(assert_rejected(quietly(|| of_context_with_value(request())).await), MISSING);
    assert_eq!(drops.count(), 4);

    // Held by the snapshot, too.
    let task =
        detached::task("by hand").timeout(Duration::ZERO).inherit(&"first").inherit(&"second").context(&request());
    assert_eq!(assert_rejected(quietly(|| task.spawn(async {})).await), Reason::ZeroTimeout);
    assert_eq!(drops.count(), 6);
}

#[background(timeout = "1m", inherit = ["a", "b", "c", "d", "e", "f", "last"])]
async fn hold(go: oneshot::Receiver<&'static str>) -> Result<&'static str, &'static str> {
    match go.await {
        Ok("fail") => Err("failed"),
        Ok("panic") => panic!("as told"),
        Ok(word) => Ok(word),
        Err(_) => std::future::pending().await,
    }
}

/// More than a snapshot has room for without an allocation.
const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "last"];

#[tokio::test(start_paused = true)]
async fn values_that_a_task_holds_last_are_each_dropped_on_their_own_however_it_ends() {
    let drops = Drops::default();
    let supervisor = Supervisor::new();
    let call = || {
        let request = NAMES.into_iter().fold(Context::new(), |request, name| request.with(name, drops.bomb()));
        let (go, gone) = oneshot::channel();
        // Dropped here, so the task's are the last.
        let mut call = Box::pin(supervisor.scope(request.scope(async { hold(gone) })));
        drop(request);
        async move { (call.as_mut().await, go) }
    };

    for (word, ended) in
        [("complete", Ok(Ok("complete"))), ("fail", Ok(Err("failed"))), ("panic", Err(TaskError::Panicked))]
    {
        let (task, go) = call().await;
        assert_eq!(drops.count(), 0, "the task holds them");
        go.send(word).unwrap();
        assert_eq!(task.await, ended);
        assert_eq!(drops.0.swap(0, Ordering::Relaxed), NAMES.len(), "{word}");
    }
    let (task, _) = call().await;
    assert_eq!(task.await, Err(TaskError::TimedOut));
    let (task, _) = call().await;
    task.cancel("enough");
    assert_eq!(task.await, Err(TaskError::Cancelled(Cause::from("enough"))));
    let (task, _go) = call().await;
    supervisor.drain(SECOND).await;
    assert_eq!(task.await, Err(TaskError::Cancelled(Cause::Shutdown)));
    assert_eq!(drops.count(), 3 * NAMES.len());
}

#[tokio::test]
async fn the_values_of_a_task_that_made_its_context_are_too() {
    #[background(timeout = "5s", inherit = ["first"])]
    async fn insert(second: Bomb) -> Vec<&'static str> {
        Context::current().insert("second", second);
        Context::current().child().insert("third", 3);
        Context::current().names()
    }

    let drops = Drops::default();
    let task = Context::new().with("first", drops.bomb()).scope(async { insert(drops.bomb()) }).await;
    assert_eq!(task.await, Ok(vec!["first", "second"]));
    assert_eq!(drops.count(), 2);
}

/// Harmless where it was made; what captures it takes a bomb along.
struct Seed(Drops, #[allow(dead_code)] Option<Bomb>);

impl Clone for Seed {
    fn clone(&self) -> Self {
        Self(self.0.clone(), Some(self.0.bomb()))
    }
}

tokio::task_local! {
    static LOCALE: Seed;
    static REGION: Seed;
}

static PLACES: (&LocalKey<Seed>, &LocalKey<Seed>) = (&LOCALE, &REGION);

#[background(timeout = "5s", inherit = [LOCALE, REGION])]
async fn in_places() -> usize {
    LOCALE.with(|locale| locale.0.count())
}

#[background(timeout = "5s", inherit = [PLACES, LOCALE, "user_id"])]
async fn in_places_for_a_user(_bomb: Bomb) {}

#[tokio::test]
async fn what_carriers_captured_is_too() {
    let drops = Drops::default();
    let calls = async {
        assert_eq!(quietly(in_places).await, Ok(0));
        assert_eq!(drops.count(), 2);
        assert_eq!(assert_rejected(quietly(|| in_places_for_a_user(drops.bomb())).await), MISSING);
        assert_eq!(drops.count(), 6);
    };
    LOCALE.scope(Seed(drops.clone(), None), REGION.scope(Seed(drops.clone(), None), calls)).await;
}

/// Keeps what it is told of, as a list of failures for an operator would.
#[derive(Clone, Default)]
struct Keep(Arc<std::sync::Mutex<Vec<TaskInfo>>>);

impl Observer for Keep {
    fn on_end(&self, task: &TaskInfo, _: &Outcome<'_>) {
        self.0.lock().unwrap().push(task.clone());
    }
}

#[tokio::test]
async fn a_description_that_outlives_its_task_drops_them_quietly() {
    let (drops, keep) = (Drops::default(), Keep::default());
    let supervisor = Supervisor::builder().observer(keep.clone()).build();
    let request = Context::new().with("first", drops.bomb()).with("second", drops.bomb());
    let task = detached::task("kept").timeout(SECOND).inherit(&"first").inherit(&"second").context(&request);
    drop(request);
    assert_eq!(task.supervisor(&supervisor).spawn(async {}).await, Ok(()));
    let kept = std::mem::take(&mut *keep.0.lock().unwrap());
    assert_eq!((kept.len(), drops.count()), (1, 0));
    quietly(|| drop(kept));
    assert_eq!(drops.count(), 2);
}

#[test]
fn a_context_of_several_such_values_is_dropped_without_an_abort() {
    let drops = Drops::default();
    let request = Context::new().with("first", drops.bomb()).with("second", drops.bomb());
    request.insert("third", drops.bomb());
    request.insert("first", "replaced for readers, and kept");
    let child = request.child().with("fourth", drops.bomb());
    quietly(|| drop(request));
    quietly(|| drop(child));
    assert_eq!(drops.count(), 4);
}

#[tokio::test]
async fn what_a_task_returned_goes_with_its_handle() {
    #[background(timeout = "5s")]
    async fn give_back(bomb: Bomb) -> Bomb {
        bomb
    }

    let drops = Drops::default();
    let task = quietly(|| give_back(drops.bomb()));
    while !task.is_finished() {
        tokio::task::yield_now().await;
    }
    assert_eq!(drops.count(), 0);
    quietly(|| drop(task));
    assert_eq!(drops.count(), 1);
}

/// An observer whose drop panics.
struct Logger(#[allow(dead_code)] Bomb);

impl Observer for Logger {}

#[background(timeout = "5s", supervisor = owner)]
async fn of_owner(owner: Supervisor) {
    drop(owner);
}

#[background(timeout = Duration::ZERO, supervisor = owner)]
async fn of_owner_refused(owner: Supervisor) {
    drop(owner);
}

#[tokio::test]
async fn the_last_handle_of_a_supervisor_hurts_nobody() {
    let drops = Drops::default();
    let owner = || Supervisor::builder().observer(Logger(drops.bomb())).observer(Logger(drops.bomb())).build();

    let alone = owner();
    quietly(|| drop(alone));
    assert_eq!(drops.count(), 2);

    // Refused: the call is the last to hold it.
    let task = quietly(|| of_owner_refused(owner()));
    assert_eq!(assert_rejected(task.await), Reason::ZeroTimeout);
    assert_eq!(drops.count(), 4);

    // Let in: the task's handle is.
    let task = quietly(|| of_owner(owner()));
    while !task.is_finished() {
        tokio::task::yield_now().await;
    }
    quietly(|| drop(task));
    assert_eq!(drops.count(), 6);

    // By the builder, and by a call that nobody keeps.
    quietly(|| drop(detached::task("by hand").timeout(Duration::ZERO).supervisor(&owner()).spawn(async {})));
    assert_eq!(drops.count(), 8);
    quietly(|| drop(owner().scope(async {})));
    assert_eq!(drops.count(), 10);
}

#[test]
fn nor_does_a_supervisor_that_is_not_installed_since_there_is_one() {
    let drops = Drops::default();
    let _first = Supervisor::global();
    let builder = Supervisor::builder().observer(Logger(drops.bomb())).observer(Logger(drops.bomb()));
    quietly(|| drop(builder.install()));
    assert_eq!(drops.count(), 2);
}
