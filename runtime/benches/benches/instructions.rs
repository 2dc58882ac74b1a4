//! Instructions a call, counted by callgrind: repeatable where time is not.
//!
//! Without an argument it runs itself under valgrind for each row, and fails when what a call of ours executes on top
//! of a bare spawn has grown past the committed baseline. `--bless` writes the baseline anew.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::{env, fs};

use detached_benches::contenders::{Case, Contender, cases};
use detached_benches::load::{Flavor, run, warm_up};

/// How far above the baseline is too far. Another libc or processor moves the count by a few hundredths.
const TOLERANCE: f64 = 1.05;

/// Two counts of calls; the difference of their instructions leaves out all that happens once.
const CALLS: [u64; 2] = [1000, 6000];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => check(),
        ["--bless"] => bless(),
        // For a profile by hand, too: `callgrind_annotate` or `perf` on exactly these calls.
        ["--run", case, contender, calls] => {
            make_calls(number(case), number(contender), number(calls));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: instructions [--bless | --run <case> <contender> <calls>]");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

fn make_calls(case: usize, contender: usize, calls: usize) {
    let (case, contender) = (cases()[case], Contender::ALL[contender]);
    let runtime = Flavor::CurrentThread.runtime();
    warm_up(&runtime, contender, case.call(contender));
    run(&runtime, contender, case.call(contender), calls);
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
    let lines: String = measured.iter().map(|(name, extra)| format!("{name}: {extra:.0}\n")).collect();
    fs::write(baseline(), lines).expect("the baseline can be written");
    ExitCode::SUCCESS
}

fn baseline() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

/// Prints the table; gives what ours executes on top of bare, by row. `None` without valgrind.
fn measure() -> Option<Vec<(String, f64)>> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions are not counted: valgrind is not installed");
        return None;
    }
    println!("instructions a call (current-thread, no subscriber)");
    println!("{:<32} {:>6} {:>6} {:>12} {:>10}", "", "bare", "ours", "handwritten", "ours/bare");
    let measured = cases().into_iter().enumerate().map(|(index, case): (usize, Case)| {
        let [bare, ours, handwritten] = [0, 1, 2].map(|contender| instructions(index, contender));
        println!("{:<32} {bare:>6.0} {ours:>6.0} {handwritten:>12.0} {:>9.2}x", case.name(), ours / bare);
        (case.name(), ours - bare)
    });
    Some(measured.collect())
}

#[allow(clippy::cast_precision_loss)] // shown without decimals
fn instructions(case: usize, contender: usize) -> f64 {
    let [few, many] = CALLS.map(|calls| count(case, contender, calls));
    (many - few) as f64 / (CALLS[1] - CALLS[0]) as f64
}

/// The instructions of a whole process that makes the calls.
fn count(case: usize, contender: usize, calls: u64) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().expect("the path of this program"))
        .args(["--run", &case.to_string(), &contender.to_string(), &calls.to_string()])
        .output()
        .expect("valgrind starts");
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split("Collected : ").nth(1));
    collected.and_then(|count| count.trim().parse().ok()).unwrap_or_else(|| panic!("callgrind says:\n{report}"))
}
