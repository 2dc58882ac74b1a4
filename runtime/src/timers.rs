//! Which tokio runtimes have a timer task of this supervisor, and which of them have timers at all.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Handle, Id};

use crate::deadlines::{Timer, drive};
use crate::outcome::Reason;
use crate::panics;
use crate::supervisor::Supervisor;

pub(crate) struct Timers {
    /// Tells supervisors apart in the threads' caches; never used again.
    supervisor: u64,
    known: Mutex<Vec<Known>>,
}

struct Known {
    runtime: Id,
    timer: Arc<Timer>,
    /// Held by the timer task: when it is gone, so is the runtime, and the place is free.
    alive: std::sync::Weak<()>,
}

thread_local! {
    /// What this thread found last: the supervisor, the runtime and the timer's number.
    static LAST: Cell<Option<(u64, Id, u32)>> = const { Cell::new(None) };
}

impl Timers {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        // Relaxed: only the numbers' being different matters.
        Self { supervisor: NEXT.fetch_add(1, Ordering::Relaxed), known: Mutex::default() }
    }

    /// The number of the runtime's timer, started now if it is the first time.
    #[inline]
    pub(crate) fn of(&self, runtime: &Handle, owner: &Supervisor) -> Result<u32, Reason> {
        let id = runtime.id();
        if let Some((supervisor, last, timer)) = LAST.try_with(Cell::get).ok().flatten() {
            if supervisor == self.supervisor && last == id {
                return Ok(timer);
            }
        }
        let timer = self.find_or_start(id, runtime, owner)?;
        // A thread that is being torn down goes without.
        let _ = LAST.try_with(|last| last.set(Some((self.supervisor, id, timer))));
        Ok(timer)
    }

    fn find_or_start(&self, id: Id, runtime: &Handle, owner: &Supervisor) -> Result<u32, Reason> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = known.iter().position(|known| known.runtime == id) {
            return Ok(number(index));
        }
        if !has_time_driver(runtime) {
            return Err(Reason::NoTimeDriver);
        }
        let timer = Timer::new();
        let alive = Arc::new(());
        let entry = Known { runtime: id, timer: Arc::clone(&timer), alive: Arc::downgrade(&alive) };
        let free = known.iter().position(|known| known.alive.strong_count() == 0);
        let index = free.unwrap_or(known.len());
        match known.get_mut(index) {
            Some(place) => *place = entry,
            None => known.push(entry),
        }
        // Before the first alarm: a place in every shard, whatever the shard.
        owner.roster().add_timer(number(index), &timer);
        let (weak, epoch, index) = (owner.downgrade(), owner.epoch(), number(index));
        runtime.spawn(async move {
            drive(weak, timer, index, epoch).await;
            drop(alive);
        });
        Ok(index)
    }

    /// Makes the timer tasks see that their supervisor is gone.
    pub(crate) fn end(&mut self) {
        let known = self.known.get_mut().unwrap_or_else(PoisonError::into_inner);
        for known in known {
            known.timer.tell();
        }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("four thousand million runtimes")
}

/// tokio has no question for it: making a timer without a driver panics, which is contained and not shown. So is the
/// panic of a thread that is being torn down and cannot enter a runtime any more.
fn has_time_driver(runtime: &Handle) -> bool {
    let ask = || {
        let _entered = runtime.enter();
        drop(tokio::time::sleep(Duration::ZERO));
    };
    panics::silently(|| catch_unwind(AssertUnwindSafe(ask)).is_ok())
}
