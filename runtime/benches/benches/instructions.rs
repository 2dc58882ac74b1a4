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

/// How far above the baseline is too far. Another compiler, libc or processor moves the count by a few hundredths.
const TOLERANCE: f64 = 1.1;

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
    let lines: Vec<_> = measured.iter().map(|(name, extra)| format!("{name}: {extra:.0}\n")).collect();
    fs::write(baseline(), lines.concat()).expect("the baseline can be written");
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
    println!("instructions a call, without the allocator's (current-thread, no subscriber)");
    let head = Contender::ALL.map(|contender| format!(" {:>15}", contender.name())).concat();
    println!("{:<40}{head} {:>10}", "", "ours/bare");
    let measured = cases().into_iter().enumerate().map(|(index, case): (usize, Case)| {
        let counts = Contender::ALL.map(|contender| instructions(index, contender as usize));
        let [bare, ours] = [Contender::Bare, Contender::Ours].map(|contender| counts[contender as usize]);
        let cells = counts.map(|count| format!(" {count:>15.0}")).concat();
        println!("{:<40}{cells} {:>9.2}x", case.name(), ours / bare);
        (case.name(), ours - bare)
    });
    Some(measured.collect())
}

#[allow(clippy::cast_precision_loss)] // shown without decimals
fn instructions(case: usize, contender: usize) -> f64 {
    let [few, many] = CALLS.map(|calls| count(case, contender, calls));
    (many - few) as f64 / (CALLS[1] - CALLS[0]) as f64
}

/// The instructions of a whole process that makes the calls, without the allocator's: those hang on where the heap's
/// chunks happen to lie.
fn count(case: usize, contender: usize, calls: u64) -> u64 {
    let profile = env::temp_dir().join(format!("detached-instructions-{}", std::process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--compress-strings=no", "--compress-pos=no"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(env::current_exe().expect("the path of this program"))
        .args(["--run", &case.to_string(), &contender.to_string(), &calls.to_string()])
        .output()
        .expect("valgrind starts");
    let text = fs::read_to_string(&profile)
        .unwrap_or_else(|_| panic!("valgrind says:\n{}", String::from_utf8_lossy(&output.stderr)));
    fs::remove_file(&profile).expect("the profile can be removed");
    sum(&text)
}

/// Sums the lines `<source line> <instructions>` of a profile. One that follows `calls=` repeats what the callee used.
fn sum(profile: &str) -> u64 {
    let (mut sum, mut is_counted, mut is_callees) = (0, false, false);
    for line in profile.lines() {
        if let Some(function) = line.strip_prefix("fn=") {
            is_counted = !is_of_the_allocator(function);
        } else if line.starts_with("calls=") {
            is_callees = true;
        } else if let Some((_, used)) = line.split_once(' ').filter(|_| line.starts_with(|c: char| c.is_ascii_digit()))
        {
            if is_counted && !is_callees {
                sum += used.parse::<u64>().expect("a number");
            }
            is_callees = false;
        }
    }
    sum
}

/// By the names of glibc's.
fn is_of_the_allocator(function: &str) -> bool {
    ["malloc", "free", "memalign", "calloc", "realloc", "unlink_chunk", "tcache"]
        .iter()
        .any(|name| function.contains(name))
}
