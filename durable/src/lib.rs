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
//! Whole programs: `examples/orders`, and `examples/jobs` for who looks after the store. The guide of [`detached`] says what at
//! least once means for a function, how to deploy changed arguments, and what to watch: `detached::guide::durable`.
//!
//! # A service and its worker
//!
//! The program that opens the documentation of [`detached`], with visits that survive a crash. The worker may as well be a program
//! of its own, or run on other machines.
//!
//! ```no_run
//! use std::error::Error;
//! use std::io;
//! use std::time::Duration;
//!
//! use axum::{Router, http::StatusCode, routing::get};
//! use detached::durable::{StoreError, Stored};
//! use detached::tower::ContextLayer;
//! use detached::{Key, Supervisor, background, terminated};
//! use detached_apalis::{Sqlite, Worker};
//! use tokio::net::TcpListener;
//!
//! static USER_ID: Key<u64, Stored> = Key::new("user_id").stored();
//!
//! #[background(durable = "visits", timeout = "5s", inherit = [USER_ID])]
//! async fn record_visit(page: String, #[state] db: Db) -> Result<(), io::Error> {
//!     db.insert_visit(USER_ID.get(), &page).await
//! }
//!
//! async fn pricing() -> Result<&'static str, (StatusCode, String)> {
//!     let stored = record_visit("/pricing".to_owned()).await;
//!     stored.map_err(|error| match error {
//!         StoreError::Rejected(_) => (StatusCode::UNAUTHORIZED, "who asks?".to_owned()), // a visit without its user
//!         error => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
//!     })?;
//!     Ok("the page")
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn Error>> {
//!     let store = Sqlite::open("jobs.db").await?;
//!     store.install();
//!     let worker = Worker::new(&store).state(Db).register::<record_visit>();
//!     let worker = tokio::spawn(worker.run_until(terminated()));
//!
//!     let contexts = ContextLayer::new().header("x-user-id", USER_ID);
//!     let app = Router::new().route("/pricing", get(pricing)).layer(contexts);
//!     let listener = TcpListener::bind("127.0.0.1:3000").await?;
//!
//!     let (served, report) = Supervisor::global()
//!         .serve_until(terminated(), Duration::from_secs(30), |stopping| {
//!             axum::serve(listener, app).with_graceful_shutdown(stopping).into_future()
//!         })
//!         .await;
//!     println!("{report}");
//!     println!("{}", worker.await??);
//!     Ok(served.unwrap_or(Ok(()))?)
//! }
//!
//! #[derive(Clone)]
//! struct Db; // a pool of connections
//!
//! impl Db {
//!     async fn insert_visit(&self, user: u64, page: &str) -> Result<(), io::Error> {
//!         println!("user {user} saw {page}");
//!         Ok(())
//!     }
//! }
//! ```
//!
//! Both databases are reached through sqlx 0.9, so only its transactions fit
//! [`store_in`](detached::durable::Call::store_in). A `DATABASE_URL` that is set while this is *compiled* is taken by sqlx's
//! macros for the database to check apalis's queries against, which fails; `SQLX_OFFLINE=true` keeps them from it.
//!
//! # What is apalis's, and what is not
//!
//! Apalis's are the tables, their migrations and indices, how a job is claimed on PostgreSQL, how a worker is registered,
//! shows that it lives, and is found dead: any tool for apalis shows the same jobs, such as its board (the crate
//! `apalis-board`). The loop of its worker is not used: it ends with the first error, panic or unreadable payload, can sleep
//! through a job, and does not show that it lives while it is busy. Nor is its way to try again, which is at once, and never
//! for a job that kills its worker.

mod engine;
mod group;
mod job;
mod jobs;
mod lane;
mod liveness;
mod pace;
mod pause;
mod postgres;
mod settling;
mod sqlite;
mod storing;
mod worker;

pub use engine::Engine;
pub use job::{Job, State};
pub use jobs::Jobs;
pub use postgres::Postgres;
pub use sqlite::Sqlite;
pub use worker::{Worker, WorkerError};

/// The front page's code runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
