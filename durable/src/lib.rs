//! Durable background functions on SQLite and PostgreSQL: the adapter of [`detached`] for the queue engine apalis 1.0.
//!
//! What is stored runs **at least once**: it comes to an outcome though workers are killed, the database goes away or the
//! machine restarts. A function may run twice, and has to bear that. Not promised are an order, exactly one run, and results
//! for the caller.
//!
//! ```
//! use detached::background;
//! use detached_apalis::{Sqlite, Worker};
//!
//! #[derive(Clone)]
//! struct Mailer;
//! # impl Mailer { async fn send(&self, _: &str) -> std::io::Result<()> { Ok(()) } }
//!
//! #[background(durable = "mail", timeout = "30s", attempts = 5)]
//! async fn send_welcome(to: String, #[state] mailer: Mailer) -> std::io::Result<()> {
//!     mailer.send(&to).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?; let file = folder.path().join("jobs.db"); let signal = std::future::ready(());
//! let store = Sqlite::open(file).await?; // or `Postgres::connect(url)`
//! store.install();
//! send_welcome("ann@example.org".to_owned()).await?; // stored
//!
//! // In the same process or in another one:
//! Worker::new(&store).state(Mailer).register::<send_welcome>().run_until(signal).await?;
//! # Ok(()) }
//! ```
//!
//! Whole programs: `examples/orders`. The guide of [`detached`] says what at least once means for a function, how to deploy
//! changed arguments, and what to watch: `detached::guide::durable`.
//!
//! Both databases are reached through sqlx 0.9, so only its transactions fit
//! [`store_in`](detached::durable::Call::store_in). A `DATABASE_URL` that is set while this is *compiled* is taken by sqlx's
//! macros for the database to check apalis's queries against, which fails; `SQLX_OFFLINE=true` keeps them from it.
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
mod pace;
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
