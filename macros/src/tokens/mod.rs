//! What can be asked of any tokens: where they are shown, which words are in them, how a message shows them, and what is
//! inside of the groups that cannot be seen; and how tokens are read one by one.
//!
//! It uses no other room. Neither an option nor a background function is known here.

mod hygiene;
mod printed;
mod trees;
mod ungrouped;
mod words;

pub(crate) use hygiene::{edges, first_span, generated_at, last_span, own_name};
pub(crate) use printed::printed;
pub(crate) use trees::{beginning, expression, is_punct, leading_expression, opening};
pub(crate) use ungrouped::{ungrouped, ungrouped_block, ungrouped_expression, ungrouped_item, ungrouped_type};
pub(crate) use words::words;
