//! Each parameter lives until the end of the task and is dropped when a plain `async fn` would have dropped it, whatever
//! its pattern. The packages `edition-2018` and `edition-2021` compile these files in their editions.
#![allow(clippy::all)] // What is unusual is what is tested.

mod ends;
mod held;
mod log;
mod parameters;
mod receivers;
mod recognised_errors;
