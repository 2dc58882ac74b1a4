//! Runtimes of every kind, how callers live in them, and how they die.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time;

use super::calls::{Left, call, call_outside};
use super::chance::{below, one_in};

/// Threads of runtimes that still run.
static THREADS: AtomicU64 = AtomicU64::new(0);

pub(crate) fn threads() -> u64 {
    THREADS.load(Ordering::Relaxed)
}

pub(crate) fn multi_thread() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.on_thread_start(|| {
        THREADS.fetch_add(1, Ordering::Relaxed);
    });
    builder.on_thread_stop(|| {
        THREADS.fetch_sub(1, Ordering::Relaxed);
    });
    builder.worker_threads(2).enable_all().build().expect("threads")
}

fn current_thread() -> Builder {
    Builder::new_current_thread()
}

/// Ends a runtime in one of the ways there are, with its tasks on it.
pub(crate) fn kill(runtime: Runtime) {
    match below(4) {
        0 => drop(runtime),
        1 => runtime.shutdown_background(),
        2 => runtime.shutdown_timeout(Duration::from_millis(1)),
        _ => thread::spawn(|| drop(runtime)).join().expect("a runtime's end never panics"),
    }
}

/// Calls from a runtime, or outside of any, and ends it under them. Gives the handles that were kept.
pub(crate) fn live(calls: u64) -> Vec<Left> {
    let mut kept = Vec::new();
    let runtime = match below(8) {
        0 => {
            (0..calls).for_each(|_| call_outside(&mut kept));
            return kept;
        }
        1 => current_thread().build(),
        2 | 3 => current_thread().enable_all().build(),
        4 | 5 => {
            let runtime = current_thread().enable_all().start_paused(true).build().expect("a runtime");
            runtime.block_on(call_beside_a_clock(calls, &mut kept));
            kill(runtime);
            return kept;
        }
        _ => {
            let runtime = multi_thread();
            runtime.block_on(call_from_workers(calls, &mut kept));
            kill(runtime);
            return kept;
        }
    };
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        for _ in 0..calls {
            call(&mut kept).await;
        }
    });
    kill(runtime);
    kept
}

async fn call_from_workers(calls: u64, kept: &mut Vec<Left>) {
    let callers = [(); 3].map(|()| {
        tokio::spawn(async move {
            let mut kept = Vec::new();
            for _ in 0..calls / 3 {
                call(&mut kept).await;
            }
            kept
        })
    });
    for caller in callers {
        kept.extend(caller.await.expect("a call never panics"));
    }
}

/// The clock stands still, jumps, and runs again.
async fn call_beside_a_clock(calls: u64, kept: &mut Vec<Left>) {
    let mut is_paused = true;
    for _ in 0..calls {
        call(kept).await;
        if one_in(64) {
            if is_paused {
                time::resume();
            } else {
                time::pause();
            }
            is_paused = !is_paused;
        }
        if is_paused && one_in(16) {
            time::advance(Duration::from_millis(below(40))).await;
        }
    }
}
