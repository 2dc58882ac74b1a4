#!/usr/bin/env bash
# What is repeatable of the benchmarks, for `.ci/run`: heap allocations to the letter, instructions within a tolerance.
# Time is neither measured nor judged here; `cargo bench -p detached-benches` prints it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
cargo bench -p detached-benches --bench allocations
cargo bench -p detached-benches --bench instructions
