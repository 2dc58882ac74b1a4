//! The tables of `time` with mimalloc, since glibc's allocator makes the same code some tenths faster or slower by where
//! its chunks happen to lie.

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static HEAP: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    detached_benches::tables::main("mimalloc")
}
