//! What comes out: the thin function around the body, or the errors beside a function that looks like it.
//!
//! It uses `attributed`, `written`, `tokens` and, for the errors, the diagnostics. It reports nothing: no rule is known here,
//! and of the runtime's crate only the names that generated code calls.

mod bindings;
mod call;
mod descriptor;
mod durable;
mod fallback;
mod inheritance;
mod named_borrows;
mod return_type;
mod runtime_path;
mod self_in_text;
mod self_name;
mod shim;
mod signature;
mod stacking;
mod task;
mod unique;

pub(crate) use fallback::{refused, refused_item};
pub(crate) use shim::expand;
#[cfg(test)]
pub(crate) use stacking::NAMES as ABOUT_THE_RUN;
pub(crate) use stacking::others_first;
