//! A runtime without timers: tokio tells of it by a panic only, which is asked for once and disturbs nobody.

use std::future::pending;
use std::panic::{set_hook, take_hook};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use detached::{Context, Reason, Supervisor, Task, TaskError, background};
use detached_tests::own_process::in_own_process;
use tokio::runtime::{Builder, Handle, Runtime};

const SECOND: Duration = Duration::from_secs(1);

fn without_time() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// Chains a hook as an error tracker does: it does its own, then what stood there before.
fn chain(own: impl Fn() + Send + Sync + 'static) {
    let previous = take_hook();
    set_hook(Box::new(move |info| {
        own();
        previous(info);
    }));
}

#[track_caller]
fn call(supervisor: &Supervisor) -> Task<()> {
    detached::task("bounded").supervisor(supervisor).timeout(SECOND).spawn(pending())
}

#[test]
fn a_hook_that_is_chained_later_sees_one_panic_a_runtime() {
    let printed = in_own_process("a_hook_that_is_chained_later_sees_one_panic_a_runtime", || {
        static SEEN: AtomicUsize = AtomicUsize::new(0);
        let supervisors = [Supervisor::new(), Supervisor::new()];
        chain(|| _ = SEEN.fetch_add(1, Ordering::Relaxed));
        let runtimes = [without_time(), without_time()];
        for _ in 0..100 {
            for runtime in &runtimes {
                for supervisor in &supervisors {
                    let result = runtime.block_on(async { call(supervisor).await });
                    assert_eq!(result, Err(TaskError::Rejected(Reason::NoTimeDriver)));
                }
            }
        }
        assert_eq!(SEEN.load(Ordering::Relaxed), runtimes.len());
        // Where there are timers, nobody panics.
        for supervisor in &supervisors {
            assert_eq!(paused().block_on(async { call(supervisor).await }), Err(TaskError::TimedOut));
        }
        assert_eq!(SEEN.load(Ordering::Relaxed), runtimes.len());
    });
    assert!(!printed.contains("panicked at"), "the hooks that were there before see nothing\n{printed}");
}

#[test]
fn a_hook_may_call_while_it_is_asked_for_timers() {
    in_own_process("a_hook_may_call_while_it_is_asked_for_timers", || {
        static CALLED: AtomicBool = AtomicBool::new(false);
        let supervisor = Supervisor::new();
        let of_hook = supervisor.clone();
        chain(move || {
            if !CALLED.swap(true, Ordering::Relaxed) {
                drop(call(&of_hook));
            }
        });
        let runtime = without_time();
        let rejected = Err(TaskError::Rejected(Reason::NoTimeDriver));
        assert_eq!(runtime.block_on(async { call(&supervisor).await }), rejected);
        assert!(CALLED.load(Ordering::Relaxed), "the hook was run");
        runtime.block_on(supervisor.idle());
        let counts = supervisor.counts();
        assert_eq!((counts.called, counts.ended()), (2, 2));
    });
}

/// A panic inside of a panic hook ends the process, so there nothing can be asked.
#[test]
fn the_first_call_of_a_runtime_may_come_from_a_panic_hook() {
    in_own_process("the_first_call_of_a_runtime_may_come_from_a_panic_hook", || {
        let supervisor = Supervisor::new();
        let of_hook = supervisor.clone();
        chain(move || {
            if Handle::try_current().is_ok() && of_hook.counts().called == 0 {
                drop(call(&of_hook));
            }
        });
        let runtime = without_time();
        runtime.block_on(async { tokio::spawn(async { panic!("in a task of nobody's") }).await.unwrap_err() });
        // It was let in unasked, and may not stay without the bound it has.
        runtime.block_on(supervisor.idle());
        assert_eq!((supervisor.counts().called, supervisor.counts().timed_out), (1, 1));
        let rejected = Err(TaskError::Rejected(Reason::NoTimeDriver));
        assert_eq!(runtime.block_on(async { call(&supervisor).await }), rejected);
    });
}

#[background(timeout = "1s", grace = "1s")]
async fn waits_for_its_deadline() {
    Context::current().cancelled().await;
}

#[background(timeout = "none", origin = "follow")]
async fn follows() {
    pending::<()>().await;
}

/// A task panics, which calls from the hook. Its runtime was never asked for timers.
async fn panic_with_calls(supervisor: &Supervisor) {
    static IS_TO_CALL: AtomicBool = AtomicBool::new(true);
    let of_hook = supervisor.clone();
    chain(move || {
        if IS_TO_CALL.swap(false, Ordering::Relaxed) {
            let request = Context::new().with_timeout(SECOND);
            request.in_scope(|| of_hook.in_scope(|| (waits_for_its_deadline(), follows())));
        }
    });
    tokio::spawn(async { panic!("in a task of nobody's") }).await.unwrap_err();
}

/// tokio panics where a body waits for its deadline, or a task for its origin's: so neither begins.
#[test]
fn nothing_waits_for_a_deadline_where_there_are_no_timers() {
    in_own_process("nothing_waits_for_a_deadline_where_there_are_no_timers", || {
        let supervisor = Supervisor::new();
        let runtime = without_time();
        runtime.block_on(panic_with_calls(&supervisor));
        runtime.block_on(supervisor.idle());
        assert_eq!((supervisor.counts().called, supervisor.counts().timed_out), (2, 2));
    });
}

/// There a task is polled before what was spawned earlier, the timer of the supervisor included.
#[test]
fn nor_on_a_runtime_with_threads() {
    in_own_process("nor_on_a_runtime_with_threads", || {
        let supervisor = Supervisor::new();
        let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        runtime.block_on(panic_with_calls(&supervisor));
        runtime.block_on(supervisor.idle());
        assert_eq!((supervisor.counts().called, supervisor.counts().timed_out), (2, 2));
    });
}

/// A call that could not ask lets none in that can.
#[test]
fn the_next_call_asks() {
    in_own_process("the_next_call_asks", || {
        static IS_TO_CALL: AtomicBool = AtomicBool::new(true);
        let supervisor = Supervisor::new();
        let of_hook = supervisor.clone();
        chain(move || {
            if IS_TO_CALL.swap(false, Ordering::Relaxed) {
                drop(call(&of_hook));
            }
        });
        let result = without_time().block_on(async {
            std::panic::catch_unwind(|| panic!("in a task of nobody's")).unwrap_err();
            call(&supervisor).await
        });
        assert_eq!(result, Err(TaskError::Rejected(Reason::NoTimeDriver)));
    });
}

#[test]
fn such_a_call_keeps_its_bound_where_there_are_timers() {
    in_own_process("such_a_call_keeps_its_bound_where_there_are_timers", || {
        let supervisor = Supervisor::new();
        let of_hook = supervisor.clone();
        chain(move || {
            if Handle::try_current().is_ok() {
                drop(call(&of_hook));
            }
        });
        let runtime = paused();
        runtime.block_on(async { tokio::spawn(async { panic!("in a task of nobody's") }).await.unwrap_err() });
        runtime.block_on(supervisor.idle());
        assert_eq!((supervisor.counts().called, supervisor.counts().timed_out), (1, 1));
    });
}
