//! The contenders of the benchmarks, and how they are called; `benches/` measures them.

pub mod callgrind;
pub mod contenders;
pub mod handwritten;
pub mod load;
pub mod rounds;
pub mod tables;
