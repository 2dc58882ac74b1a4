//! Three tasks that end badly: one fails, one takes too long, one panics. Each is one line in the log, and the line says
//! for which user it was.

use axum::extract::State;
use axum::http::StatusCode;
use detached::background;

use crate::database::Db;
use crate::recording::record_visit;
use crate::user::USER_ID;

/// The handler: one request starts all three. Its answer is fine: nothing that happens to the tasks reaches it.
pub(crate) async fn start(State(db): State<Db>) -> StatusCode {
    // The database has a constraint that pages start with a slash.
    record_visit(&db, "no slash");
    notify_partner("a partner that never answers");
    count_words("");
    StatusCode::ACCEPTED
}

#[background(timeout = "100ms", inherit = [USER_ID])]
async fn notify_partner(_partner: &str) {
    std::future::pending::<()>().await;
}

#[background(timeout = "1s", inherit = [USER_ID])]
async fn count_words(text: &str) -> usize {
    assert!(!text.is_empty(), "there is no text");
    text.split_whitespace().count()
}
