//! Runs millions of tasks of every fate on several threads, in rounds that each end in a drain which calls still race,
//! and checks that no task was lost or counted twice and that memory stays flat.
//!
//! ```text
//! cargo run --release -p detached --example soak [ROUNDS] [CALLS PER ROUND]
//! ```
//!
//! Ends with an error if a round's calls are not its outcomes, if a task is left, or if memory grew.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use detached::{Cause, Context, Counts, Supervisor, background};
use tokio::task::yield_now;

/// What the panics of the tasks say; the panic hook does not show them.
const EXPECTED: &str = "one of the panics of the soak";
const CALLERS: u64 = 8;

#[background(timeout = "10s")]
async fn completes() -> u64 {
    yield_now().await;
    7
}

#[background(timeout = "10s")]
async fn fails() -> Result<(), &'static str> {
    Err("no")
}

#[background(timeout = "10s")]
async fn panics(now: bool) {
    if !now {
        yield_now().await;
    }
    std::panic::panic_any(EXPECTED);
}

#[background(timeout = "5ms")]
async fn times_out() {
    std::future::pending::<()>().await;
}

#[background(timeout = "5ms", grace = "5ms")]
async fn tidies_up() {
    Context::current().cancelled().await;
}

#[background(timeout = "10s")]
async fn waits_long() {
    std::future::pending::<()>().await;
}

#[background(timeout = "10s", limit = 4)]
async fn rejects() {
    yield_now().await;
}

#[background(timeout = "10s", limit = 4, overflow = "wait", queue = 64, start_timeout = "1s")]
async fn waits_in_turn() {
    yield_now().await;
}

#[background(timeout = "10s", limit = 4, overflow = "drop_oldest", queue = 16)]
async fn displaces() {
    yield_now().await;
}

#[background(timeout = "10s", inherit = ["user_id"])]
async fn inherits() -> bool {
    yield_now().await;
    Context::current().get::<u64>("user_id").is_ok()
}

#[background(timeout = "10s")]
async fn calls_another(calls: Arc<AtomicU64>) {
    yield_now().await;
    calls.fetch_add(1, Ordering::Relaxed);
    let _ = completes().await;
}

#[background(timeout = "none", shutdown = "cancel")]
async fn watches() {
    std::future::pending::<()>().await;
}

/// One call. Some are awaited, so that the callers do not run away from the tasks.
async fn call(number: u64, calls: &Arc<AtomicU64>) {
    match number % 16 {
        0 => drop(completes().await),
        1 => drop(completes()),
        2 => drop(fails()),
        3 => drop(panics(number % 3 == 0)),
        4 => drop(times_out()),
        5 => drop(tidies_up()),
        6 => waits_long().cancel("the soak cancels it"),
        7 => drop(waits_long().abort_on_drop()),
        8 => drop(rejects()),
        9 => drop(waits_in_turn()),
        10 => drop(waits_in_turn().await),
        11 => drop(displaces()),
        // Without a request around it the value is missing.
        12 => drop(inherits()),
        13 => drop(Context::new().with("user_id", number).scope(async { inherits().await }).await),
        14 => drop(calls_another(Arc::clone(calls))),
        _ if number % 1024 == 15 => drop(watches()),
        _ => {
            let follows = detached::task("follows").follow_origin().timeout(Duration::from_secs(10));
            let request = Context::new();
            let _detached = follows.context(&request).spawn(std::future::pending::<()>());
            request.cancel(Cause::Disconnected);
        }
    }
}

/// What a round came to.
pub(crate) struct Round {
    pub(crate) calls: u64,
    pub(crate) counts: Counts,
    /// The tasks that the drain could not stop.
    pub(crate) abandoned: usize,
    /// The most memory that was seen in use, in KiB; `None` where the system does not tell.
    pub(crate) peak: Option<u64>,
    pub(crate) took: Duration,
}

impl Round {
    /// Whether each call has its one outcome and nothing is left.
    pub(crate) fn is_sound(&self) -> bool {
        let counts = &self.counts;
        (counts.called, counts.ended(), counts.live()) == (self.calls, self.calls, 0)
            && self.abandoned == 0
            && counts.rejected > 0
    }
}

/// Runs one round: callers on all threads, and a drain when four of five calls are made.
pub(crate) async fn round(total: u64) -> Round {
    let began = Instant::now();
    let supervisor = Supervisor::new();
    let (calls, peak) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (calls, peak) = (Arc::clone(&calls), Arc::clone(&peak));
            tokio::spawn(supervisor.scope(async move {
                for number in 0..total / CALLERS {
                    calls.fetch_add(1, Ordering::Relaxed);
                    call(number, &calls).await;
                    if number % 1024 == 0 {
                        peak.fetch_max(memory().unwrap_or_default(), Ordering::Relaxed);
                    }
                }
            }))
        })
        .collect();
    while calls.load(Ordering::Relaxed) < total / 5 * 4 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let report = supervisor.drain(Duration::from_secs(60)).await;
    for caller in callers {
        caller.await.expect("a call never panics");
    }
    supervisor.idle().await;
    let peak = peak.load(Ordering::Relaxed);
    Round {
        calls: calls.load(Ordering::Relaxed),
        counts: supervisor.counts(),
        abandoned: report.abandoned.len(),
        peak: (peak > 0).then_some(peak),
        took: began.elapsed(),
    }
}

/// The memory in use, in KiB.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Keeps the panics that are expected from being shown.
pub(crate) fn silence_expected_panics() {
    let shown = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info.payload().downcast_ref::<&str>() != Some(&EXPECTED) {
            shown(info);
        }
    }));
}

/// Whether later rounds use no more memory than the first ones did, give or take what allocators keep.
fn is_flat(rounds: &[Round]) -> bool {
    let most = |rounds: &[Round]| rounds.iter().filter_map(|round| round.peak).max().unwrap_or_default();
    let (early, late) = rounds.split_at(rounds.len().div_ceil(2));
    most(late) <= most(early) / 4 * 5
}

fn argument(position: usize, default: u64) -> u64 {
    let text = std::env::args().nth(position);
    text.map_or(default, |text| text.parse().expect("a number: soak [ROUNDS] [CALLS PER ROUND]"))
}

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() -> ExitCode {
    silence_expected_panics();
    let (rounds, total) = (argument(1, 10), argument(2, 250_000));
    println!(
        "{:>5} {:>9} {:>9} {:>5} {:>10} {:>7}  outcomes",
        "round", "calls", "outcomes", "live", "peak KiB", "took"
    );
    let mut all: Vec<Round> = Vec::new();
    for number in 1..=rounds {
        let round = round(total).await;
        let Round { calls, counts, peak, took, .. } = &round;
        let (ended, live, took) = (counts.ended(), counts.live(), took.as_secs_f64());
        let peak = peak.map_or_else(|| "unknown".to_owned(), |peak| peak.to_string());
        let kinds = detached::OutcomeKind::ALL.map(|kind| format!("{kind} {}", counts.of(kind))).join(", ");
        println!("{number:>5} {calls:>9} {ended:>9} {live:>5} {peak:>10} {took:>6.2}s  {kinds}");
        all.push(round);
    }
    let calls: u64 = all.iter().map(|round| round.calls).sum();
    let (sound, flat) = (all.iter().all(Round::is_sound), is_flat(&all));
    println!("{calls} calls; calls equal outcomes and nothing is left: {sound}; memory is flat: {flat}");
    if sound && flat { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
