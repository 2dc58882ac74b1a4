//! Each shape that a plain `async fn` can have, as a background function that is called. The packages `edition-2018` and
//! `edition-2021` compile these files in their editions.
#![allow(clippy::all, clippy::non_minimal_cfg)] // What is unusual is what is tested.

mod attributes;
mod from_macros;
mod generics;
mod large;
mod names;
mod nested;
mod patterns;
mod receivers;
mod returns;
mod traits;
