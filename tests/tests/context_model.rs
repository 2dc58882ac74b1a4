//! Random programs of scopes, inserts, calls, panics, drops and thread hops, run beside a model.
//!
//! The model is what one would write without an ambient context: each piece of the program is handed, as an argument,
//! the values it must see, and whoever holds a real context holds the model of it for exactly as long. So a value must
//! be alive just when the model's twin of it is.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::{Poll, Waker};
use std::thread;

use detached::{Context, Reason, Supervisor, Task, TaskError};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// One step of a piece of the program.
#[derive(Clone, Debug)]
enum Step {
    /// Sets a value on the current context.
    Insert(&'static str),
    /// Ends the poll: the next one may be on another thread.
    Yield,
    /// Runs steps in a context of their own, made in one of the ways.
    Scope(Way, Vec<Step>),
    /// Polls steps that many times and drops them.
    Abandon(u8, Vec<Step>),
    /// Calls a background function with such a body.
    Call(Listed, After, Vec<Step>),
    /// Panics, up to the scope around it or to the task's boundary.
    Panic,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    New,
    Child,
    /// Adds a value to a handle of the current one.
    With(&'static str),
    /// The current one once more.
    Same,
}

/// What a function lists, and which of it is required.
type Listed = Vec<(&'static str, bool)>;

/// What the caller does with the task.
#[derive(Clone, Copy, Debug)]
enum After {
    Leave,
    Await,
    Cancel,
    CancelLater,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = || proptest::sample::select(&NAMES[..]);
    let leaf = prop_oneof![4 => name().prop_map(Step::Insert), 4 => Just(Step::Yield), 1 => Just(Step::Panic)];
    let step = leaf.prop_recursive(5, 60, 6, move |step| {
        let steps = || prop::collection::vec(step.clone(), 0..6);
        let way = prop_oneof![Just(Way::New), Just(Way::Child), name().prop_map(Way::With), Just(Way::Same)];
        let listed = prop::collection::vec((name(), prop::bool::weighted(0.15)), 0..7);
        let after = prop::sample::select(&[After::Leave, After::Await, After::Cancel, After::CancelLater][..]);
        prop_oneof![
            (way, steps()).prop_map(|(way, steps)| Step::Scope(way, steps)),
            (0..4_u8, steps()).prop_map(|(polls, steps)| Step::Abandon(polls, steps)),
            (listed, after, steps()).prop_map(|(listed, after, steps)| Step::Call(listed, after, steps)),
        ]
    });
    prop::collection::vec(step, 0..8)
}

/// A value, and in the model its twin.
#[derive(Clone, Debug)]
struct Tracked(Arc<u32>);

/// What a context must hold. A clone is a handle, as of a context.
#[derive(Clone, Default)]
struct Model(Arc<Values>);

#[derive(Default)]
struct Values {
    /// A context holds what it started with until it is freed itself, whatever is inserted over it.
    _first: Shown,
    now: Mutex<Shown>,
}

type Shown = BTreeMap<&'static str, Tracked>;

impl Model {
    fn starting_with(values: Shown) -> Self {
        Self(Arc::new(Values { _first: values.clone(), now: Mutex::new(values) }))
    }

    fn now(&self) -> MutexGuard<'_, Shown> {
        self.0.now.lock().expect("not poisoned")
    }

    fn copy(&self) -> Self {
        Self::starting_with(self.now().clone())
    }

    fn with(&self, name: &'static str, twin: Tracked) -> Self {
        let mut values = self.now().clone();
        values.insert(name, twin);
        Self::starting_with(values)
    }

    fn insert(&self, name: &'static str, twin: Tracked) {
        drop(self.now().insert(name, twin));
    }

    fn shows(&self) -> BTreeMap<&'static str, u32> {
        self.now().iter().map(|(name, value)| (*name, *value.0)).collect()
    }

    /// What a task of a function with that list is to see; or the name it cannot do without.
    fn snapshot(&self, listed: &Listed) -> Result<Self, &'static str> {
        let held = self.now().clone();
        if let Some((missing, _)) = listed.iter().find(|(name, required)| *required && !held.contains_key(name)) {
            return Err(missing);
        }
        let is_listed = |name: &&'static str| listed.iter().any(|(listed, _)| listed == name);
        Ok(Self::starting_with(held.into_iter().filter(|(name, _)| is_listed(name)).collect()))
    }
}

/// What all pieces of one run share.
#[derive(Default)]
struct Run {
    /// Each value with its twin.
    values: Mutex<Vec<(Weak<u32>, Weak<u32>)>>,
    /// How many calls the model has rejected.
    rejected: AtomicU64,
    /// What was wrong; a panic would be caught by the task it is in.
    wrongs: Mutex<Vec<String>>,
}

impl Run {
    fn value(&self) -> (Tracked, Tracked) {
        let mut values = self.values.lock().expect("not poisoned");
        let number = u32::try_from(values.len()).expect("few values");
        let (value, twin) = (Arc::new(number), Arc::new(number));
        values.push((Arc::downgrade(&value), Arc::downgrade(&twin)));
        (Tracked(value), Tracked(twin))
    }

    fn expect<T: PartialEq + std::fmt::Debug>(&self, what: &str, found: &T, expected: &T) {
        if found != expected {
            self.wrongs.lock().expect("not poisoned").push(format!("{what}: {found:?}, not {expected:?}"));
        }
    }

    /// Compares what is in place here with the model's.
    fn look(&self, model: Option<&Model>) {
        let found = Context::try_current().map(|context| {
            let value = |name| context.get::<Tracked>(name).map(|value| (name, *value.0));
            context.names().into_iter().map(|name| value(name).expect("all values are of one type")).collect()
        });
        self.expect("the current context", &found, &model.map(Model::shows));
    }

    /// Between polls: this thread shows nothing, and what nobody holds is freed.
    fn look_between_polls(&self) {
        self.look(None);
        for (number, (value, twin)) in self.values.lock().expect("not poisoned").iter().enumerate() {
            let (lives, is_held) = (value.strong_count() > 0, twin.strong_count() > 0);
            self.expect(&format!("the life of value {number}"), &lives, &is_held);
        }
    }

    /// When all has ended: nothing is left, and no more calls were rejected than had to be.
    fn end(&self, supervisor: &Supervisor) {
        self.look_between_polls();
        let held =
            self.values.lock().expect("not poisoned").iter().filter(|(value, _)| value.strong_count() > 0).count();
        self.expect("values left at the end", &held, &0);
        self.expect("rejected calls", &supervisor.counts().rejected, &self.rejected.load(Ordering::Relaxed));
    }
}

type Piece<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Runs the steps where `model` is what must be in place.
fn run(run: Arc<Run>, steps: Vec<Step>, model: Option<Model>) -> Piece<'static> {
    Box::pin(async move {
        let mut tasks = Vec::new();
        for step in steps {
            run.look(model.as_ref());
            match step {
                Step::Insert(name) => insert(&run, model.as_ref(), name),
                Step::Yield => yield_now().await,
                Step::Scope(way, steps) => scope(&run, model.as_ref(), way, steps).await,
                Step::Abandon(polls, steps) => abandon(self::run(Arc::clone(&run), steps, model.clone()), polls).await,
                Step::Call(listed, after, steps) => {
                    if let Some(task) = call(&run, model.as_ref(), listed, steps) {
                        run.look(model.as_ref());
                        match after {
                            After::Leave => {}
                            After::Await => drop(task.await),
                            After::Cancel => task.cancel("at once"),
                            After::CancelLater => tasks.push(task),
                        }
                    }
                }
                Step::Panic => resume_unwind(Box::new("a step")),
            }
        }
        run.look(model.as_ref());
        tasks.iter().for_each(|task: &Task<()>| task.cancel("later"));
    })
}

fn insert(run: &Run, model: Option<&Model>, name: &'static str) {
    // Where no context is in place, there is none to insert into.
    if let Some(model) = model {
        let (value, twin) = run.value();
        Context::current().insert(name, value);
        model.insert(name, twin);
    }
}

async fn scope(run: &Arc<Run>, around: Option<&Model>, way: Way, steps: Vec<Step>) {
    let below = || around.map(Model::copy).unwrap_or_default();
    let (context, model) = match way {
        Way::New => (Context::new(), Model::default()),
        Way::Child => (Context::current().child(), below()),
        Way::Same => (Context::current(), around.cloned().unwrap_or_default()),
        Way::With(name) => {
            let (value, twin) = run.value();
            (Context::current().with(name, value), below().with(name, twin))
        }
    };
    let steps = self::run(Arc::clone(run), steps, Some(model));
    let mut scope = Box::pin(context.scope(steps));
    drop(context);
    // Steps that panic end their scope and nothing else.
    poll_fn(|cx| catch_unwind(AssertUnwindSafe(|| scope.as_mut().poll(cx))).unwrap_or(Poll::Ready(()))).await;
}

async fn abandon(steps: Piece<'_>, polls: u8) {
    let mut steps = pin!(steps);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        steps.as_mut().poll(cx)
    })
    .await;
}

/// Calls a function with that list; gives its task, unless the call is to be rejected.
fn call(run: &Arc<Run>, model: Option<&Model>, listed: Listed, steps: Vec<Step>) -> Option<Task<()>> {
    let none = Model::default();
    let snapshot = model.unwrap_or(&none).snapshot(&listed);
    let carriers = listed.iter().map(|(name, required)| carrier(name, *required));
    let task = carriers.fold(detached::task("piece").no_timeout(), |task, carrier| task.inherit(carrier));
    match snapshot {
        Ok(snapshot) => {
            // What it inherited is the task's as long as it runs, for its reports, whatever it sets over it.
            let inherited = snapshot.copy();
            let steps = self::run(Arc::clone(run), steps, Some(snapshot));
            Some(task.spawn(async move { (steps.await, drop(inherited)).0 }))
        }
        Err(missing) => {
            run.rejected.fetch_add(1, Ordering::Relaxed);
            let wrong = Arc::clone(run);
            let task = task.spawn(async move { wrong.expect("a rejected call", &"runs", &"does not run") });
            let ended = pin!(task).poll(&mut std::task::Context::from_waker(Waker::noop()));
            let expected = TaskError::Rejected(Reason::MissingValue { name: missing });
            run.expect("the call", &ended, &Poll::Ready(Err(expected)));
            None
        }
    }
}

fn carrier(name: &str, required: bool) -> &'static &'static str {
    static CARRIERS: [[&str; 2]; 6] = [["a?", "a"], ["b?", "b"], ["c?", "c"], ["d?", "d"], ["e?", "e"], ["f?", "f"]];
    let texts = CARRIERS.iter().find(|[_, text]| *text == name).expect("one of `NAMES`");
    &texts[usize::from(required)]
}

/// Starts the requests as bare tokio tasks, which have no context.
fn start(runtime: &Runtime, shared: &Arc<Run>, supervisor: &Supervisor, requests: Vec<Vec<Step>>) {
    for steps in requests {
        let (shared, supervisor) = (Arc::clone(shared), supervisor.clone());
        runtime.spawn(async move { supervisor.scope(run(shared, steps, None)).await });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// One poll of every task a round, on the one or the other thread.
    #[test]
    fn a_task_sees_what_was_listed_as_it_was_and_nothing_outlives_its_holders(
        requests in prop::collection::vec(steps(), 1..4),
        hops in any::<u64>(),
    ) {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (shared, supervisor) = (Arc::new(Run::default()), Supervisor::new());
        start(&runtime, &shared, &supervisor, requests);
        let round = || {
            runtime.block_on(yield_now());
            shared.look_between_polls();
        };
        for number in 0..u64::BITS {
            if hops >> number & 1 == 1 {
                thread::scope(|scope| scope.spawn(round).join()).expect("the round itself does not panic");
            } else {
                round();
            }
        }
        runtime.block_on(supervisor.idle());
        drop(runtime);
        shared.end(&supervisor);
        let wrongs = shared.wrongs.lock().expect("not poisoned");
        prop_assert!(wrongs.is_empty(), "{wrongs:#?}");
    }

    /// All at the same time.
    #[test]
    fn the_same_holds_on_several_threads(requests in prop::collection::vec(steps(), 1..20)) {
        let runtime = Builder::new_multi_thread().worker_threads(3).enable_all().build().expect("a runtime");
        let (shared, supervisor) = (Arc::new(Run::default()), Supervisor::new());
        start(&runtime, &shared, &supervisor, requests);
        runtime.block_on(async {
            yield_now().await;
            supervisor.idle().await;
        });
        drop(runtime);
        shared.end(&supervisor);
        let wrongs = shared.wrongs.lock().expect("not poisoned");
        prop_assert!(wrongs.is_empty(), "{wrongs:#?}");
    }
}
