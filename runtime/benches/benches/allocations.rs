//! Heap allocations a call, which must be exactly one of ours, and a context, which are two; and heap bytes a parked task.

use std::alloc::System;
use std::env;
use std::process::{Command, ExitCode};

use detached::{Cause, Context, Supervisor};
use detached_benches::contenders::{Case, Contender, cases, parked, request_sized, sleeping};
use detached_benches::load::{Flavor, park, run, warm_up};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const CALLS: usize = 1000;
const PARKED: usize = 100_000;

fn main() -> ExitCode {
    Supervisor::builder().max_tasks(usize::MAX).install().expect("the first supervisor");
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [case, contender] = &args[..] {
        let [case, contender] = [case, contender].map(|index| index.parse::<usize>().expect("a number"));
        println!("{}", bytes(parked_cases()[case], Contender::ALL[contender]));
        return ExitCode::SUCCESS;
    }
    let is_one = print_allocations();
    let are_two = print_allocations_of_a_context();
    print_bytes();
    if !is_one {
        eprintln!("FAILED: a call of ours is to make exactly one heap allocation");
    }
    if !are_two {
        eprintln!("FAILED: a context that nobody waits for is to make exactly two");
    }
    if is_one && are_two { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A request's, from its beginning to its end.
fn print_allocations_of_a_context() -> bool {
    let before = HEAP.stats().allocations;
    let context = Context::new();
    context.in_scope(|| assert!(!Context::current().is_cancelled()));
    context.cancel(Cause::Completed);
    assert!(context.as_origin().is_cancelled());
    let allocations = HEAP.stats().allocations - before;
    println!("\nheap allocations a context: {allocations}");
    allocations == 2
}

/// Whether each call of ours made exactly one.
fn print_allocations() -> bool {
    println!("heap allocations a call (current-thread, no subscriber)");
    println!("{:<40}{}", "", head());
    let ours_are_one = cases().map(|case| {
        let allocations = Contender::ALL.map(|contender| allocations(case, contender));
        let cell = |thousand: &usize| format!(" {:>11}.{:03}", thousand / CALLS, thousand % CALLS);
        println!("{:<40}{}", case.name(), allocations.iter().map(cell).collect::<String>());
        allocations[Contender::Ours as usize] == CALLS
    });
    !ours_are_one.contains(&false)
}

fn head() -> String {
    Contender::ALL.map(|contender| format!(" {:>15}", contender.name())).concat()
}

/// Allocations in a thousand calls. On one thread, so that the figure is exact.
fn allocations(case: Case, contender: Contender) -> usize {
    let (runtime, call) = (Flavor::CurrentThread.runtime(), case.call(contender));
    warm_up(&runtime, contender, call);
    let counted = |calls| {
        let before = HEAP.stats();
        run(&runtime, contender, call, calls);
        let after = HEAP.stats();
        after.allocations + after.reallocations - before.allocations - before.reallocations
    };
    // What the run itself allocates is the same in both.
    let once = counted(CALLS);
    counted(2 * CALLS) - once
}

fn parked_cases() -> [Case; 3] {
    [parked(), sleeping(), request_sized()]
}

fn print_bytes() {
    println!("\nheap bytes a parked task (timeout, 1 value), of {PARKED}");
    println!("{:<40}{}", "body", head());
    for (index, case) in parked_cases().into_iter().enumerate() {
        let bytes = Contender::ALL.map(|contender| format!(" {:>15}", bytes_in_a_process(index, contender as usize)));
        println!("{:<40}{}", case.body, bytes.concat());
    }
}

/// In a process of its own: tasks that are gone have left room behind, which the next would use.
fn bytes_in_a_process(case: usize, contender: usize) -> usize {
    let this = env::current_exe().expect("the path of this program");
    let output = Command::new(this).args([case.to_string(), contender.to_string()]).output().expect("it starts");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
}

/// Bytes a parked task, with its share of the lists and heaps it is in.
fn bytes(case: Case, contender: Contender) -> usize {
    let (runtime, call) = (Flavor::CurrentThread.runtime(), case.call(contender));
    let in_use = || {
        let stats = HEAP.stats();
        stats.bytes_allocated - stats.bytes_deallocated
    };
    // The first makes what all share.
    park(&runtime, contender, call, 1);
    let before = in_use();
    park(&runtime, contender, call, PARKED);
    (in_use() - before) / PARKED
}
