//! Generated code means the same whatever the names around it mean. The packages `edition-2018` and `edition-2021`
//! compile these files in their editions.

mod common_methods;
mod no_prelude;
mod shadowed_crates;
mod shadowed_macros;
mod shadowed_names;
mod unseen_names;
