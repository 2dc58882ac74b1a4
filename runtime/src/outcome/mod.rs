//! How a call ends: the closed set of outcomes, how the error in one is shown, why a call is rejected, and what its handle
//! says of it.
//!
//! Uses the context's room, for causes and value errors. Knows no task: who ends and who hears of it is told above.

mod error_text;
mod failure;
#[allow(clippy::module_inception)] // the room is named for what it is about, and so is that file
mod outcome;
mod reason;
mod task_error;

pub use failure::Failure;
pub use outcome::{Outcome, OutcomeKind};
pub use reason::Reason;
pub use task_error::TaskError;
