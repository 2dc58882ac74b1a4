//! Which tokio runtimes have a timer task of this supervisor.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use tokio::runtime::{Handle, Id};
use tokio::time::timeout_at;

use super::clock::Ticks;
use super::roster::Roster;
use super::time_driver;
use super::timer::Timer;
use crate::outcome::Reason;

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
    /// Whether it was asked for its timers, and has them.
    is_asked: bool,
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
        holder: impl FnOnce() -> WeakHolder,
    ) -> Result<u32, Reason> {
        let id = runtime.id();
        if let Some((supervisor, last, timer)) = LAST.try_with(Cell::get).ok().flatten() {
            if supervisor == self.supervisor && last == id {
                return Ok(timer);
            }
        }
        let timer = self.find_or_start(id, runtime, roster, holder)?;
        // What is called in a panic may be let in unasked, and the next call is to ask. A thread that is being torn down
        // goes without.
        if !thread::panicking() {
            let _ = LAST.try_with(|last| last.set(Some((self.supervisor, id, timer))));
        }
        Ok(timer)
    }

    #[cold]
    fn find_or_start(
        &self,
        id: Id,
        runtime: &Handle,
        roster: &Roster,
        holder: impl FnOnce() -> WeakHolder,
    ) -> Result<u32, Reason> {
        if time_driver::is_missing(id) {
            return Err(Reason::NoTimeDriver);
        }
        if let Some(index) = find(&self.known(), id, |known| known.is_asked) {
            return Ok(index);
        }
        // Where it cannot be asked, the timer task does, on the runtime, and so does the task that is let in.
        let answer = time_driver::ask(runtime);
        if answer == Some(false) {
            return Err(Reason::NoTimeDriver);
        }
        let is_asked = answer.is_some();
        let (timer, alive) = (Timer::new(), Arc::new(()));
        let index = {
            let mut known = self.known();
            // Another thread may have been faster, or a call that could not ask.
            if let Some(index) = find(&known, id, |_| true) {
                known[index as usize].is_asked |= is_asked;
                return Ok(index);
            }
            let entry = Known { runtime: id, is_asked, timer: Arc::clone(&timer), alive: Arc::downgrade(&alive) };
            let index = claim(&mut known, entry);
            // Before the first alarm: a place in every shard, whatever the shard.
            roster.add_timer(index, &timer);
            index
        };
        let holder = holder();
        runtime.spawn(async move {
            drive(holder, timer, index).await;
            drop(alive);
        });
        Ok(index)
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the timer tasks see that their supervisor is gone.
    pub(crate) fn end(&mut self) {
        let known = self.known.get_mut().unwrap_or_else(PoisonError::into_inner);
        for known in known {
            known.timer.tell();
        }
    }
}

fn find(known: &[Known], runtime: Id, is_wanted: impl Fn(&Known) -> bool) -> Option<u32> {
    known.iter().position(|known| known.runtime == runtime && is_wanted(known)).map(number)
}

/// Puts the entry into the place of an ended runtime, or into a new one.
fn claim(known: &mut Vec<Known>, entry: Known) -> u32 {
    let free = known.iter().position(|known| known.alive.strong_count() == 0);
    let index = free.unwrap_or(known.len());
    match known.get_mut(index) {
        Some(place) => *place = entry,
        None => known.push(entry),
    }
    number(index)
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("four thousand million runtimes")
}

/// The timer task: wakes whoever's alarm is due, then sleeps until the next, or until an earlier one is set.
/// Ends with the holder of the roster.
async fn drive(holder: WeakHolder, timer: Arc<Timer>, index: u32) {
    // It may have none for all that: a call that could not ask was let in. There every alarm is due at once, so that
    // nothing goes on without the bound it has.
    let has_timers = time_driver::ask(&Handle::current()) != Some(false);
    let now = || if has_timers { Ticks::now() } else { Ticks::NEVER };
    loop {
        let look = |roster: &Roster| timer.look(|| roster.expire(index, now()));
        let Some(next) = holder.look(look) else { return };
        match next.instant() {
            Some(at) => drop(timeout_at(at, timer.told()).await),
            None => timer.told().await,
        }
    }
}
