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
//! Where to read: `recording` has the three ways, `context` opens a context for each request, `server` serves and shuts
//! down, `mishaps` has the tasks that end badly. The other files are the world around them. Imports run one way: `user`,
//! `database` and `traffic` know no handler, `server` puts the handlers behind a socket, `visitors` and `measuring` stand
//! before the server.

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

use detached::DrainReport;

use crate::database::Db;
use crate::measuring::{Measured, measure};
use crate::recording::Mode;
use crate::server::{Server, Site};
use crate::user::UserId;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    log::install();
    let folder = tempfile::tempdir()?;

    println!("{}", Measured::HEADER);
    println!("{}", measure(Mode::Inline, folder.path()).await?);
    println!("{}", measure(Mode::HandedOver, folder.path()).await?);
    let background = measure(Mode::Background, folder.path()).await?;
    println!("{background}");

    println!("\none task fails, one takes too long, one panics:");
    let report = serve_to_the_end(folder.path()).await?;
    println!("\nshutdown:\n{report}");

    Ok(if background.is_complete() && report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The mishaps, and then visitors whose rows are still being written when the server stops; the shutdown waits for them.
async fn serve_to_the_end(folder: &Path) -> Result<DrainReport, Box<dyn Error>> {
    let server = Server::bind(Mode::Background, Db::create(&folder.join("last.db")).await?).await?;
    let site = server.site.clone();
    let visits = async {
        let reported = provoke_mishaps(&site, UserId(7)).await?;
        println!("{reported} of 3 were reported");
        visitors::visit_all(&site).await
    };
    Ok(server.serve_until(visits).await?.report)
}

/// Returns how many warnings and errors the mishaps gave in the log.
async fn provoke_mishaps(site: &Site, user: UserId) -> reqwest::Result<usize> {
    let complaints_before = log::complaints();
    visitors::post(site, user, "/mishaps").await?;
    site.supervisor.idle().await;
    Ok(log::complaints() - complaints_before)
}
