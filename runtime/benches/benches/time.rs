//! Wall-clock time beside the other contenders, as tables in Markdown, with the system's allocator.

use std::process::ExitCode;

fn main() -> ExitCode {
    detached_benches::tables::main("the system's")
}
