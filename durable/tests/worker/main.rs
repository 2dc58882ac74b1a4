//! What a worker makes of stored calls, in one process: on SQLite, and on PostgreSQL where `DATABASE_URL` names one.

mod functions;
mod jobs;
mod running;
mod stores;
mod storing;
