#[background(timeout = "5s", inherit = ["user_id"])]
async fn record_visit(db: &Db, page: &str) -> Result<(), DbError> {
    db.insert(page).await
}
