//! The same work in three ways: write a row about the visit, render the page.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use detached::{Context, background};

use crate::database::Db;
use crate::user::{USER_ID, UserId};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    Inline,
    HandedOver,
    Background,
}

impl Mode {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Inline => "(a) in the handler",
            Self::HandedOver => "(b) the request's context",
            Self::Background => "(c) #[background]",
        }
    }
}

/// What a visit's row waits for before it can be written, say the address's country. Longer than the page takes.
pub(crate) const LOOKUP: Duration = Duration::from_millis(200);
const RENDERING: Duration = Duration::from_millis(100);

/// (a) The visitor waits for the row. Whoever leaves early takes the row along: the handler is dropped in mid-air.
pub(crate) async fn inline(State(db): State<Db>, page: Uri) -> Result<String, StatusCode> {
    write_visit(&db, page.path()).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(render(page.path()).await)
}

/// (b) The visitor does not wait, but the request's context went along, and with it the request's end: "context
/// canceled". Nobody keeps the handle, so nobody hears of it.
pub(crate) async fn handed_over(State(db): State<Db>, uri: Uri) -> String {
    let context = Context::current();
    let page = uri.path().to_owned();
    tokio::spawn(async move {
        tokio::select! {
            written = context.scope(write_visit(&db, &page)) => written,
            () = context.cancelled() => Err("context cancelled".into()),
        }
    });
    render(uri.path()).await
}

/// (c) The visitor does not wait, and the row does not depend on the visitor.
pub(crate) async fn background(State(db): State<Db>, page: Uri) -> String {
    record_visit(&db, page.path());
    render(page.path()).await
}

#[background(timeout = "5s", inherit = [USER_ID])]
pub(crate) async fn record_visit(db: &Db, page: &str) -> Result<(), RecordError> {
    write_visit(db, page).await
}

type RecordError = Box<dyn std::error::Error + Send + Sync>;

async fn write_visit(db: &Db, page: &str) -> Result<(), RecordError> {
    let user = UserId::current()?;
    tokio::time::sleep(LOOKUP).await;
    db.insert_visit(user, page).await?;
    Ok(())
}

async fn render(page: &str) -> String {
    tokio::time::sleep(RENDERING).await;
    format!("<h1>{page}</h1>")
}
