//! The traps that work beside a request fell into elsewhere, one test each. The line above a test says what goes wrong
//! in general; the test holds this crate to doing otherwise.

mod attributes;
mod owners;
mod places;
mod reports;
mod times;
