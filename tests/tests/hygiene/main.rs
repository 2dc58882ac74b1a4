//! Generated code means the same whatever the names around it mean. The packages `edition-2018` and `edition-2021`
//! compile these files in their editions.
#![allow(clippy::all)] // What is unusual is what is tested.

// Whatever names the attribute makes up, they are none of the user's.
#![forbid(non_ascii_idents, uncommon_codepoints, confusable_idents, mixed_script_confusables)]

mod common_methods;
mod no_prelude;
mod shadowed_crates;
mod shadowed_macros;
mod shadowed_names;
mod unseen_names;
