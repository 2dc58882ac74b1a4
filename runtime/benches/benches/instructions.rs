//! Instructions a call, counted by callgrind: repeatable where time is not.
//!
//! Without an argument it runs itself under valgrind for each row, and fails when what a call of ours executes on top
//! of a bare spawn has grown past the committed baseline. `--bless` writes the baseline anew.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::{env, fs};

use detached_benches::callgrind::Callgrind;
use detached_benches::contenders::{Contender, Traced, cases, traced_calls};
use detached_benches::load::{Flavor, run, warm_up};
use tracing::level_filters::LevelFilter;

/// How far above the baseline is too far. Another compiler, libc or processor moves the count by a few hundredths.
const TOLERANCE: f64 = 1.1;

/// Two counts of calls; the difference of their instructions leaves out all that happens once.
const CALLS: [usize; 2] = [1000, 6000];

/// The levels of the subscriber: no span, a span, a span and an event.
const LEVELS: [&str; 3] = ["warn", "info", "debug"];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => check(),
        ["--bless"] => bless(),
        // For a profile by hand, too: `callgrind_annotate` or `perf` on exactly these calls.
        ["--run", case, contender, calls] => {
            let (case, contender) = (cases()[number(case)], Contender::ALL[number(contender)]);
            make_calls(contender, case.call(contender), number(calls));
            ExitCode::SUCCESS
        }
        ["--run-under", level, contender, calls] => {
            let level: LevelFilter = level.parse().expect("a level");
            tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::sink).init();
            let Traced { contender, call, .. } = traced_calls()[number(contender)];
            make_calls(contender, call, number(calls));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: instructions [--bless | --run <case> <contender> <calls>");
            eprintln!("                             | --run-under <level> <contender> <calls>]");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

fn make_calls(contender: Contender, call: fn(), calls: usize) {
    let runtime = Flavor::CurrentThread.runtime();
    warm_up(&runtime, contender, call);
    run(&runtime, contender, call, calls);
}

fn check() -> ExitCode {
    let Some(measured) = measure() else { return ExitCode::SUCCESS };
    let text = fs::read_to_string(baseline()).unwrap_or_default();
    let baseline: BTreeMap<&str, f64> = text.lines().filter_map(entry).collect();
    let mut grown = false;
    for (name, extra) in &measured {
        match baseline.get(name.as_str()) {
            None => {
                eprintln!("{name}: no baseline; `--bless` writes it");
                grown = true;
            }
            Some(expected) if *extra > expected * TOLERANCE => {
                eprintln!(
                    "{name}: {extra:.0} instructions on top of a bare spawn, where the baseline has {expected:.0}"
                );
                grown = true;
            }
            Some(expected) if extra * TOLERANCE < *expected => {
                println!("{name}: better than the baseline's {expected:.0}; `--bless` keeps it so");
            }
            Some(_) => {}
        }
    }
    if grown {
        eprintln!("FAILED: more instructions than the baseline allows");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn entry(line: &str) -> Option<(&str, f64)> {
    let (name, extra) = line.split_once(": ")?;
    Some((name, extra.parse().ok()?))
}

fn bless() -> ExitCode {
    let Some(measured) = measure() else { return ExitCode::FAILURE };
    let lines: Vec<_> = measured.iter().map(|(name, extra)| format!("{name}: {extra:.0}\n")).collect();
    fs::write(baseline(), lines.concat()).expect("the baseline can be written");
    ExitCode::SUCCESS
}

fn baseline() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

/// Prints the tables; gives what ours executes on top of bare, by row. `None` without valgrind.
fn measure() -> Option<Vec<(String, f64)>> {
    let callgrind = Callgrind::find()?;
    let mut measured = without_subscriber(&callgrind);
    measured.extend(with_subscriber(&callgrind));
    Some(measured)
}

fn without_subscriber(callgrind: &Callgrind) -> Vec<(String, f64)> {
    println!("instructions a call, without the allocator's (current-thread, no subscriber)");
    print_head(&Contender::ALL.map(Contender::name), &["ours/bare"]);
    let row = |(index, name): (usize, String)| {
        let counts = Contender::ALL.map(|contender| {
            instructions(callgrind, &["--run", &index.to_string(), &(contender as usize).to_string()])
        });
        let [bare, ours] = [Contender::Bare, Contender::Ours].map(|contender| counts[contender as usize]);
        print_row(&name, &counts, &[ours / bare]);
        (name, ours - bare)
    };
    cases().map(|case| case.name()).into_iter().enumerate().map(row).collect()
}

fn with_subscriber(callgrind: &Callgrind) -> Vec<(String, f64)> {
    println!("\nthe same of no await, 1 value, timeout, under a subscriber that writes text");
    print_head(&traced_calls().map(|traced| traced.name), &["ours/traced", "/handwritten"]);
    let row = |level: &str| {
        let name = format!("subscriber at {level}");
        let counts = [0, 1, 2, 3]
            .map(|contender: usize| instructions(callgrind, &["--run-under", level, &contender.to_string()]));
        let [bare, traced, ours, handwritten] = counts;
        print_row(&name, &counts, &[ours / traced, ours / handwritten]);
        (name, ours - bare)
    };
    LEVELS.into_iter().map(row).collect()
}

fn print_head(contenders: &[&str], ratios: &[&str]) {
    let contenders = contenders.iter().map(|contender| format!(" {contender:>15}"));
    let ratios = ratios.iter().map(|ratio| format!(" {ratio:>12}"));
    println!("{:<40}{}", "", contenders.chain(ratios).collect::<String>());
}

fn print_row(name: &str, counts: &[f64], ratios: &[f64]) {
    let counts = counts.iter().map(|count| format!(" {count:>15.0}"));
    let ratios = ratios.iter().map(|ratio| format!(" {ratio:>11.2}x"));
    println!("{name:<40}{}", counts.chain(ratios).collect::<String>());
}

/// The instructions of one of the calls that this program makes with those arguments, without the allocator's: those hang on
/// where the heap's chunks happen to lie.
#[allow(clippy::cast_precision_loss)] // shown without decimals
fn instructions(callgrind: &Callgrind, args: &[&str]) -> f64 {
    let [few, many] = CALLS.map(|calls| {
        let status = callgrind.command().args(args).arg(calls.to_string()).stderr(Stdio::null()).status();
        assert!(status.is_ok_and(|status| status.success()), "valgrind runs {args:?}");
        callgrind.take_profile().without_allocator()
    });
    (many - few) as f64 / (CALLS[1] - CALLS[0]) as f64
}
