//! What is written between the parentheses of `#[background(..)]`: the options, each with its name, its value and where these
//! stand.
//!
//! It uses `tokens` and the diagnostics. The function under the attribute is not known here, nor what is made of an option.

mod choice;
mod durability;
mod duration_meant;
mod duration_text;
mod entry;
mod inherit;
mod list;
mod nearest;
mod option_name;
mod option_value;
mod options;
mod renamed;
mod slot;
mod time;
mod value;

pub(crate) use choice::{Origin, Shutdown};
pub(crate) use durability::Backoff;
pub(crate) use inherit::Inherited;
pub(crate) use nearest::nearest;
pub(crate) use option_value::Limit;
pub(crate) use options::{Options, parse};
pub(crate) use slot::Slot;
pub(crate) use time::Timeout;
