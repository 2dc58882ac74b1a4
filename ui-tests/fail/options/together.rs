//! What is wrong in an expression of an option is said with all the rest, and not in a second run.

use detached::{Key, background};

static USER_ID: Key<u64> = Key::new("user_id");

#[background(timeout = missing(retries), level = "loud")]
async fn no_such_function(retries: u32) {
    let _ = retries;
}

#[background(timeout = 5 + 1, grace = "5")]
async fn number() {}

#[background(timeout = "5", supervisor = "main", inherit = [MISSING, USER_ID])]
async fn owner_and_key() {}

#[background(timeout = "5s", inherit = [USER_ID?, " tenant"], supervisor = app.owner)]
async fn no_such_field(app: String, page: Option<&str>) {
    let _ = (app, page);
}

#[background(timeout = "0s")]
async fn key_of_another_type(#[inherit(USER_ID)] user_id: String) -> u8 {
    user_id.missing()
}

fn main() {}
