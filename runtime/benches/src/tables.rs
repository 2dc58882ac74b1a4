//! Wall-clock time beside the other contenders, as tables in Markdown. Reported, never asserted.
//!
//! Each part runs in a process of its own, as a subscriber can be set only once and millions of tasks leave their mark
//! on the heap. With the name of a part as its argument, a benchmark prints that one alone.

use std::env;
use std::fs;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use detached::Supervisor;
use tokio::runtime::Runtime;
use tracing::level_filters::LevelFilter;

use crate::contenders::{
    BACKGROUND, Contender, bare_timeout, cases, expiring, parked, ready_one_value, traced_calls, with_values,
    yielding_one_value,
};
use crate::load::{Flavor, park, run, warm_up};
use crate::rounds::{interleaved, median, ratio};

/// Calls in one round of one contender: few, so that most rounds are over before another process takes the processor.
const CALLS: usize = 500;
const ROUNDS: usize = 401;

/// The parts: a heading, the head of the table, and the processes that print its rows.
const PARTS: [(&str, &str, &[&str]); 7] = [
    (
        "One call (no subscriber)",
        "| call | bare | ours | handwritten | tracker | task-supervisor | ours / bare | / handwritten | / tracker | \
         / task-supervisor |",
        &["calls-current", "calls-multi"],
    ),
    (
        "Span and event (no await, 1 value, timeout; current-thread)",
        "| subscriber | bare | tracing's macros | ours | handwritten | ours / tracing's macros | / handwritten |",
        &["spans-none", "spans-off", "spans-info", "spans-debug"],
    ),
    (
        "One call with a live population (no await, 1 value, timeout)",
        "| parked tasks | bare | ours | handwritten | ours / bare | / handwritten |",
        &["population-current", "population-multi"],
    ),
    ("Calls that a full supervisor turns away", "| who calls | a call | of one thread's |", &["refused"]),
    (
        "100 000 deadlines in one second (processor time, current-thread)",
        "| 100 000 tasks | spawned and parked | expired | in sum |",
        &["expiry-tokio", "expiry-ours", "expiry-handwritten"],
    ),
    ("Drain of 1 000 000 parked tasks (multi-thread)", "| tasks | until idle |", &["drain-ours", "drain-handwritten"]),
    ("This machine", "| | |", &["machine"]),
];

/// The benchmark of a program with that allocator.
#[must_use]
pub fn main(allocator: &str) -> ExitCode {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.first() {
        Some(part) => print_rows(part, allocator),
        None => print_all(),
    }
}

fn print_all() -> ExitCode {
    let this = env::current_exe().expect("the path of this program");
    for (heading, head, processes) in PARTS {
        let rule = "| --- ".repeat(head.matches('|').count() - 1);
        println!("\n{heading}\n\n{head}\n{rule}|");
        for process in processes {
            let status = Command::new(&this).arg(process).status().expect("it starts");
            if !status.success() {
                eprintln!("{process} failed: {status}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn print_rows(part: &str, allocator: &str) -> ExitCode {
    Supervisor::builder().max_tasks(usize::MAX).install().expect("the first supervisor");
    match part {
        "calls-current" => calls(Flavor::CurrentThread),
        "calls-multi" => calls(Flavor::MultiThread),
        "spans-none" => spans("none"),
        "spans-off" => with_subscriber(LevelFilter::WARN, "all disabled (`warn`)"),
        "spans-info" => with_subscriber(LevelFilter::INFO, "span enabled (`info`)"),
        "spans-debug" => with_subscriber(LevelFilter::DEBUG, "span and event enabled (`debug`)"),
        "population-current" => population(Flavor::CurrentThread),
        "population-multi" => population(Flavor::MultiThread),
        "refused" => refused(),
        "expiry-tokio" => expiry("`tokio::time::timeout` in a bare spawn", Contender::Bare, bare_timeout),
        "expiry-ours" => expiry("ours", Contender::Ours, expiring().call(Contender::Ours)),
        "expiry-handwritten" => {
            expiry("handwritten", Contender::Handwritten, expiring().call(Contender::Handwritten));
        }
        "drain-ours" => drain("ours", Contender::Ours),
        "drain-handwritten" => drain("handwritten", Contender::Handwritten),
        "machine" => machine(allocator),
        _ => {
            eprintln!("no part is called `{part}`");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Nanoseconds a call of each, by round. Each contender has a runtime of its own.
fn time_calls(flavor: Flavor, contenders: &[(Contender, fn())]) -> Vec<Vec<f64>> {
    let runtimes: Vec<Runtime> = contenders.iter().map(|_| flavor.runtime()).collect();
    for (runtime, (contender, call)) in runtimes.iter().zip(contenders) {
        warm_up(runtime, *contender, *call);
    }
    time_calls_in(&runtimes, contenders)
}

fn time_calls_in(runtimes: &[Runtime], contenders: &[(Contender, fn())]) -> Vec<Vec<f64>> {
    let mut runs: Vec<Box<dyn FnMut()>> = Vec::new();
    for (runtime, &(contender, call)) in runtimes.iter().zip(contenders) {
        runs.push(Box::new(move || run(runtime, contender, call, CALLS)));
    }
    interleaved(ROUNDS, CALLS, &mut runs)
}

/// Each contender's time, and ours beside each other's. `times` are in the order of [`Contender::ALL`].
fn print_row(name: &str, times: &[Vec<f64>]) {
    let cells = times.iter().map(|times| format!(" {:.0} ns |", median(times)));
    let ours = Contender::Ours as usize;
    let others = (0..times.len()).filter(|other| *other != ours);
    let ratios = others.map(|other| format!(" **{:.2}×** |", ratio(&times[ours], &times[other])));
    println!("| {name} |{}", cells.chain(ratios).collect::<String>());
}

fn calls(flavor: Flavor) {
    for case in cases() {
        let times = time_calls(flavor, &Contender::ALL.map(|contender| (contender, case.call(contender))));
        print_row(&format!("{}, {}", flavor.name(), case.name()), &times);
    }
}

fn with_subscriber(level: LevelFilter, name: &str) {
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::sink).init();
    spans(name);
}

fn spans(subscriber: &str) {
    let contenders = traced_calls().map(|traced| (traced.contender, traced.call));
    let times = time_calls(Flavor::CurrentThread, &contenders);
    let cells = times.iter().map(|times| format!(" {:.0} ns |", median(times))).collect::<Vec<_>>().concat();
    let (to_traced, to_handwritten) = (ratio(&times[2], &times[1]), ratio(&times[2], &times[3]));
    println!("| {subscriber} |{cells} **{to_traced:.2}×** | **{to_handwritten:.2}×** |");
}

fn population(flavor: Flavor) {
    let (resident, case) = (parked(), ready_one_value());
    let runtimes = Contender::MAIN.map(|_| flavor.runtime());
    let mut live = 0;
    for population in [1000, 100_000, 1_000_000] {
        for (runtime, contender) in runtimes.iter().zip(Contender::MAIN) {
            park(runtime, contender, resident.call(contender), population - live);
            warm_up(runtime, contender, case.call(contender));
        }
        live = population;
        let times = time_calls_in(&runtimes, &Contender::MAIN.map(|contender| (contender, case.call(contender))));
        print_row(&format!("{}, {population}", flavor.name()), &times);
    }
    // To drop millions of tasks is no part of this.
    runtimes.into_iter().for_each(Runtime::shutdown_background);
    std::process::exit(0);
}

/// By one thread, by two at once, and by two that have nothing in common but the machine.
fn refused() {
    let (runtime, call) = (Flavor::MultiThread.runtime(), parked().call(Contender::Ours));
    let full = [(); 3].map(|()| Supervisor::builder().max_tasks(CALLS).build());
    let calls = |of: &Supervisor| {
        runtime.block_on(with_values(Contender::Ours, of.scope(async { (0..100 * CALLS).for_each(|_| call()) })));
    };
    full.iter().for_each(calls);
    let at_once = |of: [&Supervisor; 2]| {
        std::thread::scope(|threads| of.map(|supervisor| drop(threads.spawn(|| calls(supervisor)))));
    };
    let mut runs: [Box<dyn FnMut() + '_>; 3] = [
        Box::new(|| calls(&full[0])),
        Box::new(|| at_once([&full[0], &full[0]])),
        Box::new(|| at_once([&full[1], &full[2]])),
    ];
    let times = interleaved(ROUNDS / 8, 100 * CALLS, &mut runs);
    for (name, times_of) in ["one thread", "two threads, each", "two threads with a supervisor each"].iter().zip(&times)
    {
        println!("| {name} | {:.0} ns | {:.2}× |", median(times_of), ratio(times_of, &times[0]));
    }
}

const EXPIRING: usize = 100_000;

fn expiry(name: &str, contender: Contender, call: fn()) {
    let runtime = Flavor::CurrentThread.runtime();
    warm_up(&runtime, contender, yielding_one_value().call(contender));
    let before = runtime.metrics().num_alive_tasks();
    let start = processor_time();
    park(&runtime, contender, call, EXPIRING);
    let parked = processor_time();
    let all = runtime.metrics().num_alive_tasks() - before;
    assert_eq!(all, EXPIRING, "none has expired before all are parked");
    runtime.block_on(async {
        while runtime.metrics().num_alive_tasks() > before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let (set, expired) = (parked.saturating_sub(start), processor_time().saturating_sub(parked));
    let millis = |time: Duration| time.as_millis();
    println!("| {name} | {} ms | {} ms | {} ms |", millis(set), millis(expired), millis(set + expired));
}

/// What this thread has used, as Linux counts it; zero elsewhere.
fn processor_time() -> Duration {
    let counted = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = counted.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

fn drain(name: &str, contender: Contender) {
    let runtime = Flavor::MultiThread.runtime();
    let calling = Instant::now();
    park(&runtime, contender, parked().call(contender), 1_000_000);
    eprintln!("(1 000 000 calls took {:.1} s)", calling.elapsed().as_secs_f64());
    let start = Instant::now();
    if contender == Contender::Ours {
        let report = runtime.block_on(Supervisor::global().drain(Duration::ZERO));
        assert_eq!(Supervisor::global().counts().live(), 0, "{report}");
    } else {
        runtime.block_on(BACKGROUND.shut_down());
    }
    println!("| {name} | {:.2} s |", start.elapsed().as_secs_f64());
}

fn machine(allocator: &str) {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    println!("| processor | {} × {} |", count, model.unwrap_or("unknown"));
    println!("| system | {} {} |", env::consts::OS, env::consts::ARCH);
    let rustc = Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    println!("| compiler | {} |", String::from_utf8_lossy(&rustc).trim());
    println!("| allocator | {allocator} |");
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("| load at the end | {} |", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
}
