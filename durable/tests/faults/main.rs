//! What goes wrong around a worker, with workers that are processes of their own: each job comes to its end all the same.
//!
//! On SQLite, and on PostgreSQL where `DATABASE_URL` names one; that PostgreSQL is away for a while is tried on one that the
//! suite starts itself.

mod clock;
mod database_away;
#[path = "../shared/database_url.rs"]
mod database_url;
mod deadly;
mod full_disk;
mod kills;
mod ledger;
mod process;
