//! Runs background functions among parts that do their worst, and checks that each call still has its one outcome and
//! that everybody is told of it once.
//!
//! ```text
//! cargo run --release -p detached --example torture -- [--seconds N] [--seed S]
//! ```
//!
//! A value's `Clone`, `Debug`, `Display` and `Drop`, an error's sources, wakers, observers, the logger or the subscriber,
//! and the panic hook panic, make calls of their own or lose time; clocks stop and jump; runtimes have no timers, or die
//! with their tasks. At the end of every round calls are outcomes, events, and calls of each observer, by kind. Ends
//! with an error that names the seed where they are not, where a caller saw a panic or a task another request's user,
//! where a handle never ends or a call went astray.

#[path = "torture/calls.rs"]
mod calls;
#[path = "torture/chance.rs"]
mod chance;
#[path = "torture/lives.rs"]
mod lives;
#[path = "torture/parts.rs"]
mod parts;
#[path = "torture/told.rs"]
mod told;
#[path = "torture/world.rs"]
mod world;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use std::{env, process, thread};

use detached::{OutcomeKind, Supervisor};
use tokio::runtime::{Builder, Runtime};

use self::told::{Logger, Recorder};
use self::world::{Ledger, World};

const CALLERS: u64 = 3;
/// Longer than any round takes on the slowest machine.
const STUCK: Duration = Duration::from_secs(120);

fn on_a_runtime<R>(run: impl Future<Output = R>) -> R {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(run)
}

/// Runs one round, in which some `total` calls are made. Says what is wrong with it, if anything.
fn round(seed: u64, total: u64) -> Result<Ledger, String> {
    let _watched = Watched::new(seed);
    chance::seed(seed);
    let (hurt, unexpected) = (calls::hurt(), parts::unexpected_panics());
    let fixed = lives::multi_thread();
    let world = World::open(fixed.handle());

    let callers: Vec<_> = (0..CALLERS).map(|_| thread::spawn(move || call_until(total))).collect();
    let drains = thread::spawn(move || drain_after(total / 5 * 4));
    let dies = thread::spawn(move || kill_after(chance::below(2 * total), total, fixed));
    let mut kept = Vec::new();
    for caller in callers {
        kept.extend(caller.join().map_err(|_| "a caller panicked")?);
    }
    drains.join().map_err(|_| "a drain panicked")?;
    dies.join().map_err(|_| "the end of a runtime panicked")?;
    on_a_runtime(async {
        for left in kept {
            left.await;
        }
        // What a runtime's end left to its threads.
        while lives::threads() > 0 || world.ledger().live > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });

    let ledger = world.ledger();
    world::close();
    if !ledger.is_sound() {
        return Err(format!("the counts differ: {ledger:#?}"));
    }
    if calls::hurt() > hurt {
        return Err(format!("{} times a caller saw a panic, or a task another's user", calls::hurt() - hurt));
    }
    if parts::unexpected_panics() > unexpected {
        return Err("there was a panic that nobody meant".to_owned());
    }
    if Supervisor::global().counts().called > 0 {
        return Err("a call went astray, to the global supervisor".to_owned());
    }
    Ok(ledger)
}

fn call_until(total: u64) -> Vec<calls::Left> {
    let mut kept = Vec::new();
    while world::calls() < total {
        kept.extend(lives::live(chance::below(total / CALLERS / 2)));
    }
    kept
}

fn wait_for(calls: u64) {
    while world::calls() < calls {
        thread::sleep(Duration::from_millis(1));
    }
}

fn drain_after(calls: u64) {
    wait_for(calls);
    for supervisor in world::all() {
        on_a_runtime(supervisor.drain(Duration::from_millis(chance::below(20))));
    }
}

/// Ends the runtime after so many calls; or at the end, where `total` is less.
fn kill_after(calls: u64, total: u64, runtime: Runtime) {
    wait_for(calls.min(total));
    lives::kill(runtime);
}

/// Ends the process where a round does not end.
struct Watched(u64);

static ROUNDS: AtomicU64 = AtomicU64::new(0);

impl Watched {
    fn new(seed: u64) -> Self {
        let this = ROUNDS.fetch_add(1, Ordering::Relaxed);
        thread::spawn(move || {
            let began = Instant::now();
            while began.elapsed() < STUCK {
                thread::sleep(Duration::from_secs(1));
                if ROUNDS.load(Ordering::Relaxed) != this + 1 {
                    return;
                }
            }
            eprintln!("the round of seed {seed} does not end: {} calls, {} threads", world::calls(), lives::threads());
            process::exit(1);
        });
        Self(this)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        ROUNDS.store(self.0 + 2, Ordering::Relaxed);
    }
}

/// Rounds until the time is over, from that seed on. Gives what all came to.
pub(crate) fn rounds(time: Duration, seed: u64, total: u64) -> Result<[u64; OutcomeKind::ALL.len()], String> {
    let began = Instant::now();
    let mut told = began;
    let mut outcomes = [0; OutcomeKind::ALL.len()];
    for number in 0.. {
        let seed = seed.wrapping_add(number);
        let ledger = round(seed, total).map_err(|wrong| format!("seed {seed}: {wrong}"))?;
        outcomes.iter_mut().zip(ledger.ended).for_each(|(sum, more)| *sum += more);
        let is_over = began.elapsed() >= time;
        if is_over || told.elapsed() > Duration::from_secs(60) {
            told = Instant::now();
            let kinds: Vec<_> =
                OutcomeKind::ALL.iter().zip(outcomes).map(|(kind, count)| format!("{count} {kind}")).collect();
            let calls: u64 = outcomes.iter().sum();
            println!("{} rounds, {calls} calls, events and outcomes: {}", number + 1, kinds.join(", "));
        }
        if is_over {
            break;
        }
    }
    Ok(outcomes)
}

/// The first part of the time under a logger, which listens for as long as no subscriber was ever set; the rest under a
/// subscriber. In each the seeds begin with the one given.
pub(crate) fn torture(time: Duration, seed: u64, total: u64) -> Result<(), String> {
    log::set_logger(&Logger).map_err(|error| error.to_string())?;
    log::set_max_level(log::LevelFilter::Trace);
    parts::hook_panics();
    println!("under a logger, from seed {seed}");
    rounds(time / 4, seed, total)?;
    tracing::subscriber::set_global_default(Recorder::new()).map_err(|error| error.to_string())?;
    println!("under a subscriber, from seed {seed}");
    rounds(time / 4 * 3, seed, total)?;
    Ok(())
}

/// The number after the option of that name.
fn option(name: &str) -> Option<u64> {
    let text = env::args().skip_while(|argument| argument != name).nth(1)?;
    Some(text.parse().expect("torture [--seconds N] [--seed S]"))
}

fn main() -> ExitCode {
    let of_the_time = || SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    let seed = option("--seed").unwrap_or_else(of_the_time);
    match torture(Duration::from_secs(option("--seconds").unwrap_or(30)), seed, 3000) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}
