//! Durable background functions on SQLite and PostgreSQL: the adapter of [`detached`] for the queue engine apalis 1.0.
//!
//! What is stored runs **at least once**: it comes to an outcome though workers are killed, the database goes away or the
//! machine restarts. A function may run twice, and has to bear that. Not promised are an order, exactly one run, and results
//! for the caller.
//!
//! # What is apalis's, and what is not
//!
//! Apalis's are the tables, their migrations and indices, how a job is claimed on PostgreSQL, how a worker is registered,
//! shows that it lives, and is found dead: any tool for apalis shows the same jobs. The loop of its worker is not used: it
//! ends with the first error, panic or unreadable payload, can sleep through a job, and does not show that it lives while it
//! is busy. Nor is its way to try again, which is at once, and never for a job that kills its worker.

mod engine;
mod group;
mod jobs;
mod lane;
mod liveness;
mod pause;
mod postgres;
mod settling;
mod sqlite;
mod worker;

pub use engine::Engine;
pub use jobs::{Job, Jobs, State};
pub use postgres::Postgres;
pub use sqlite::Sqlite;
pub use worker::{Worker, WorkerError};
