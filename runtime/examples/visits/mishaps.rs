//! Three tasks that end badly: one fails, one takes too long, one panics. Each is one line in the log, and the line says
//! for which user it was.

use std::error::Error;

use axum::extract::State;
use axum::http::StatusCode;
use detached::{Supervisor, background};

use crate::context::UserId;
use crate::log;
use crate::recording::record_visit;
use crate::server::{App, Server};
use crate::visitors;

/// One request starts all three. Returns how many warnings and errors that gave in the log.
pub(crate) async fn provoke(server: &Server, user: UserId) -> Result<usize, Box<dyn Error>> {
    let complaints_before = log::complaints();
    visitors::post(server, user, "/mishaps").await?;
    Supervisor::global().idle().await;
    Ok(log::complaints() - complaints_before)
}

/// The handler. Its answer is fine: nothing that happens to the tasks reaches it.
pub(crate) async fn start(State(app): State<App>) -> StatusCode {
    // The database has a constraint that pages start with a slash.
    record_visit(&app.db, "no slash");
    notify_partner("a partner that never answers");
    count_words("");
    StatusCode::ACCEPTED
}

#[background(timeout = "100ms", inherit = ["user_id"])]
async fn notify_partner(_partner: &str) {
    std::future::pending::<()>().await;
}

#[background(timeout = "1s", inherit = ["user_id"])]
async fn count_words(text: &str) -> usize {
    assert!(!text.is_empty(), "there is no text");
    text.split_whitespace().count()
}
