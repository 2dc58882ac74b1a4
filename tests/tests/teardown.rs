//! A thread that is being torn down, in a process where some runtime's clock has been paused: tokio's own clock is gone there.

use std::cell::RefCell;
use std::thread;
use std::time::Duration;

use detached::{Cause, Context, Overflow, Supervisor, Task};
use detached_tests::witness::Witness;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

struct OnDrop(Option<Box<dyn FnOnce() + Send>>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(|run| run());
    }
}

thread_local!(static LAST: RefCell<Option<OnDrop>> = const { RefCell::new(None) });

/// Runs `last` as the last thing a thread does, when tokio's own state of the thread is gone and its clock panics.
fn in_teardown<R: Send + 'static>(last: impl FnOnce() -> R + Send + 'static) -> R {
    let _paused: Runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let (gives, given) = std::sync::mpsc::channel();
    let last = move || {
        assert!(Handle::try_current().unwrap_err().is_thread_local_destroyed());
        gives.send(last()).unwrap();
    };
    // Set before tokio's own state is first touched on the thread, so dropped after it.
    let thread = thread::spawn(move || {
        LAST.set(Some(OnDrop(Some(Box::new(last)))));
        assert!(Handle::try_current().is_err());
    });
    thread.join().expect("the thread ends without a panic");
    given.recv().expect("it does not panic")
}

fn calls(supervisor: &Supervisor) -> Vec<Task<()>> {
    let task = || detached::task("last words").supervisor(supervisor);
    vec![
        task().no_timeout().spawn(async {}),
        task().timeout(SECOND).spawn(async {}),
        task().timeout(SECOND).grace(SECOND).spawn(async { tokio::task::yield_now().await }),
        task().no_timeout().limit(1).overflow(Overflow::Wait).start_timeout(SECOND).spawn(async {}),
        task().no_timeout().follow_origin().context(&Context::new()).spawn(async {}),
    ]
}

fn calls_end_in_one_outcome_each(runtime: &Runtime) {
    let witness = Witness::of(Supervisor::builder().runtime(runtime.handle().clone()));
    let supervisor = witness.supervisor.clone();
    let tasks = in_teardown(move || calls(&supervisor));
    for task in tasks {
        assert_eq!(runtime.block_on(task), Ok(()));
    }
    runtime.block_on(witness.supervisor.idle());
    let counts = witness.supervisor.counts();
    assert_eq!((counts.called, counts.completed, counts.live()), (5, 5, 0));
    assert_eq!(witness.seen().len(), 10);
}

#[test]
fn a_call_is_not_hurt_and_its_task_ends() {
    calls_end_in_one_outcome_each(&Builder::new_current_thread().enable_all().build().unwrap());
    calls_end_in_one_outcome_each(&Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());
}

#[test]
fn a_call_that_is_rejected_is_not_hurt_either() {
    let witness = Witness::new();
    let supervisor = witness.supervisor.clone();
    drop(in_teardown(move || calls(&supervisor)));
    assert_eq!(witness.supervisor.counts().rejected, 5);
}

#[test]
fn whatever_else_asks_for_the_time_is_answered() {
    let supervisor = Supervisor::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let live = runtime.block_on(async {
        detached::task("live").supervisor(&supervisor).no_timeout().spawn(std::future::pending::<()>())
    });
    let (listed, told) = in_teardown(move || {
        let context = Context::new().with_timeout(SECOND);
        let child = context.with_deadline(Instant::from_std(std::time::Instant::now() + SECOND)).child();
        assert!(!child.is_cancelled() && child.remaining().unwrap() <= SECOND && child.cause().is_none());
        child.cancel("teardown");
        assert_eq!((context.cause(), child.cause()), (None, Some(Cause::from("teardown"))));
        let late = Context::new().with_timeout(Duration::ZERO);
        assert_eq!((late.is_cancelled(), late.as_origin().cause()), (true, Some(Cause::TimedOut)));
        live.cancel("teardown");
        (supervisor.tasks().len(), Supervisor::new().counts().called)
    });
    assert_eq!((listed, told), (1, 0));
}
