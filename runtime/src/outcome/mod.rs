//! How a call ends: the closed set of outcomes, how the error in one is shown, and why a call is rejected.
//!
//! Uses the context's room, for causes and value errors. Knows no task: who ends and who hears of it is told above.

mod failure;
#[allow(clippy::module_inception)] // the room is named for what it is about, and so is that file
mod outcome;
mod reason;

pub use failure::Failure;
pub use outcome::{Outcome, OutcomeKind};
pub use reason::Reason;
