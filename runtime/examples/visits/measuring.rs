//! One way of recording visits, under load, and what came of it.

use std::fmt;
use std::path::Path;

use crate::database::Db;
use crate::log;
use crate::recording::{self, Mode};
use crate::server::{Served, Server};
use crate::visitors;

pub(crate) struct Measured {
    mode: Mode,
    requests: usize,
    disconnected: usize,
    rows: usize,
    rows_with_right_user: usize,
    failures_reported: usize,
}

/// Serves one round of visitors, waits until all work has ended one way or another, and counts.
pub(crate) async fn measure(mode: Mode, folder: &Path) -> Result<Measured, Box<dyn std::error::Error>> {
    let complaints_before = log::complaints();
    let db = Db::create(&folder.join(format!("{mode:?}.db"))).await?;
    let server = Server::bind(mode, db.clone()).await?;

    let site = server.site.clone();
    let Served { visits: requests, disconnected, .. } = server.serve_until(visitors::visit_all(&site)).await?;
    if matches!(mode, Mode::Inline | Mode::HandedOver) {
        // Nobody knows what a spawned task is doing; so give it twice the time that it needs.
        tokio::time::sleep(2 * recording::LOOKUP).await;
    }

    let (rows, rows_with_right_user) = db.count_visits().await?;
    Ok(Measured {
        mode,
        requests,
        disconnected,
        rows,
        rows_with_right_user,
        failures_reported: log::complaints() - complaints_before,
    })
}

impl Measured {
    pub(crate) const HEADER: &str =
        "                            requests  disconnected  rows  right user  lost  reported";

    pub(crate) fn is_complete(&self) -> bool {
        self.rows == self.requests && self.rows_with_right_user == self.requests
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<28}{:>8}{:>14}{:>6}{:>12}{:>6}{:>10}",
            self.mode.title(),
            self.requests,
            self.disconnected,
            self.rows,
            self.rows_with_right_user,
            self.requests.saturating_sub(self.rows),
            self.failures_reported,
        )
    }
}
