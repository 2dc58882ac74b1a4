//! Each error is the only one: the callers of the function see what they will see when it is mended.

use detached::{Task, background};

#[background(timeout = "5")]
async fn option(page: &str) -> Result<usize, String> {
    if page.is_empty() {
        return Err("empty".to_owned());
    }
    Ok(page.len())
}

#[background(timeout = "5s")]
async fn parameter(page: Option<&str>, #[inherit] user_id: u8) -> impl Send + 'static {
    (page.map(str::len), user_id)
}

#[derive(Clone)]
struct Db;

impl Db {
    #[background(timeout = "5s")]
    async fn method(&mut self, name: &str) -> ! {
        let _: (&mut Self, &str) = (self, name);
        loop {
            std::future::pending::<()>().await;
        }
    }
}

#[background(timeout = "5s")]
async fn returned(first: &str, second: &str) -> Option<&str> {
    Some(first).or(Some(second))
}

fn main() {
    let _: Task<Option<&str>> = returned("a", "b");
    let _: Task<Result<usize, String>> = option("/");
    let _ = parameter(None).name();
    Db.method("x");
}
