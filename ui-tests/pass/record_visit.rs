use detached::{Task, background};

#[derive(Clone)]
struct Db;

#[background(timeout = "5s", inherit = ["user_id"])]
async fn record_visit(db: &Db, page: &str) -> Result<usize, String> {
    let _: &Db = db;
    Ok(page.len())
}

fn main() {
    let _: fn(&Db, &str) -> Task<Result<usize, String>> = record_visit;
}
