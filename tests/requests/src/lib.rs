//! The tests are in `tests/`; this library is what they share: one small service in axum, in plain hyper and in tonic,
//! clients that go away when they are told to, and the rows that the service's tasks leave behind.

pub mod client;
pub mod frames;
pub mod in_axum;
pub mod in_hyper;
pub mod in_tonic;
pub mod lines;
pub mod rows;
pub mod site;
pub mod stage;
