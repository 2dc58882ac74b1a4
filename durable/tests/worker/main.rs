//! What a worker makes of stored calls, in one process but for the traces: on SQLite, and on PostgreSQL where `DATABASE_URL`
//! names one.

mod away;
mod clock;
#[path = "../shared/database_url.rs"]
mod database_url;
mod example;
mod functions;
mod jobs;
mod log;
mod names;
mod running;
mod stores;
mod storing;
mod traces;
mod waiting;
