//! Which tokio runtimes have a timer task of this supervisor, and which of them have timers at all.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::time::timeout_at;

use super::clock::Epoch;
use super::roster::Roster;
use super::timer::Timer;
use crate::outcome::Reason;
use crate::panics;

/// What holds a roster; a timer task must not keep it alive, so it asks for it at each look.
pub(crate) trait Holder: Send + Sync {
    fn roster(&self) -> &Roster;
}

/// A holder that may be gone.
pub(crate) enum WeakHolder {
    Global(&'static dyn Holder),
    Shared(Weak<dyn Holder>),
}

impl WeakHolder {
    /// `None` when it is gone.
    fn look<R>(&self, look: impl FnOnce(&Roster) -> R) -> Option<R> {
        match self {
            Self::Global(holder) => Some(look(holder.roster())),
            Self::Shared(holder) => Some(look(holder.upgrade()?.roster())),
        }
    }
}

pub(crate) struct Timers {
    /// Tells supervisors apart in the threads' caches; never used again.
    supervisor: u64,
    known: Mutex<Vec<Known>>,
}

struct Known {
    runtime: Id,
    timer: Arc<Timer>,
    /// Held by the timer task: when it is gone, so is the runtime, and the place is free.
    alive: Weak<()>,
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
    pub(crate) fn of(
        &self,
        runtime: &Handle,
        roster: &Roster,
        epoch: Epoch,
        holder: impl FnOnce() -> WeakHolder,
    ) -> Result<u32, Reason> {
        let id = runtime.id();
        if let Some((supervisor, last, timer)) = LAST.try_with(Cell::get).ok().flatten() {
            if supervisor == self.supervisor && last == id {
                return Ok(timer);
            }
        }
        let timer = self.find_or_start(id, runtime, roster, epoch, holder)?;
        // A thread that is being torn down goes without.
        let _ = LAST.try_with(|last| last.set(Some((self.supervisor, id, timer))));
        Ok(timer)
    }

    fn find_or_start(
        &self,
        id: Id,
        runtime: &Handle,
        roster: &Roster,
        epoch: Epoch,
        holder: impl FnOnce() -> WeakHolder,
    ) -> Result<u32, Reason> {
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
        roster.add_timer(number(index), &timer);
        let (holder, index) = (holder(), number(index));
        runtime.spawn(async move {
            drive(holder, timer, index, epoch).await;
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

/// The timer task: wakes whoever's alarm is due, then sleeps until the next, or until an earlier one is set.
/// Ends with the holder of the roster.
async fn drive(holder: WeakHolder, timer: Arc<Timer>, index: u32, epoch: Epoch) {
    loop {
        let look = |roster: &Roster| timer.look(|| roster.expire(index, epoch.ticks()));
        let Some(next) = holder.look(look) else { return };
        match epoch.instant(next) {
            Some(at) => drop(timeout_at(at, timer.told()).await),
            None => timer.told().await,
        }
    }
}
