//! Work that outlives its request: the same job done in three ways, with the losses of each measured.
//!
//! A web server answers requests; for each one a row about the visit has to be written. The row takes longer to
//! write than the page takes to render, and a third of the visitors close their socket before they have their page.
//! Sockets, database and losses are real.
//!
//! ```sh
//! cargo run --example visits                       # RUST_LOG=debug shows the tasks that end well, too
//! ```
//!
//! Where to read: `recording` has the three ways, `context` opens a context for each request, `mishaps` has the tasks
//! that end badly. The other files are the world around them. Imports run one way: `user`, `database`, `traffic` and
//! `app` know no handler, `server` puts the handlers behind a socket, `visitors` and `measuring` stand before the server.

mod app;
mod context;
mod database;
mod log;
mod measuring;
mod mishaps;
mod recording;
mod server;
mod traffic;
mod user;
mod visitors;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use detached::Supervisor;

use crate::database::Db;
use crate::measuring::{Measured, measure};
use crate::recording::Mode;
use crate::server::Server;
use crate::user::UserId;

/// How long a shutdown waits for the tasks that are still running.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    log::install();
    let folder = tempfile::tempdir()?;

    let complete = tokio::select! {
        complete = demonstrate(folder.path()) => complete?,
        _ = tokio::signal::ctrl_c() => {
            println!("\ninterrupted");
            true
        }
    };

    // Both ways out lead here. A process that just ended now would cut off what still runs, without a word.
    let report = Supervisor::global().drain(GRACE).await;
    println!("\nshutdown:\n{report}");

    Ok(if complete && report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// True if `#[background]` lost no row.
async fn demonstrate(folder: &Path) -> Result<bool, Box<dyn Error>> {
    println!("{}", Measured::HEADER);
    println!("{}", measure(Mode::Inline, folder).await?);
    println!("{}", measure(Mode::HandedOver, folder).await?);
    let background = measure(Mode::Background, folder).await?;
    println!("{background}");

    println!("\none task fails, one takes too long, one panics:");
    let db = Db::create(&folder.join("last.db")).await?;
    let server = Server::start(Mode::Background, db).await?;
    let reported = provoke_mishaps(&server, UserId(7)).await?;
    println!("{reported} of 3 were reported");

    // The last visits' rows are still being written when the server stops; the drain waits for them.
    visitors::visit_all(&server).await?;
    server.stop().await?;
    Ok(background.is_complete())
}

/// Returns how many warnings and errors the mishaps gave in the log.
async fn provoke_mishaps(server: &Server, user: UserId) -> Result<usize, Box<dyn Error>> {
    let complaints_before = log::complaints();
    visitors::post(server, user, "/mishaps").await?;
    Supervisor::global().idle().await;
    Ok(log::complaints() - complaints_before)
}
