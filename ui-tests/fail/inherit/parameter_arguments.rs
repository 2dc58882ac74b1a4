use detached::{Key, background};

static USER_ID: Key<u64> = Key::new("user_id");

#[background(timeout = "5s")]
async fn text(#[inherit("user_id")] user: u64) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn question_mark(#[inherit(USER_ID?)] user: u64) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn empty(#[inherit()] user: u64) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn two(#[inherit(USER_ID, USER_ID)] user: u64) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn value(#[inherit = USER_ID] user: u64) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn borrowed(#[inherit(USER_ID)] user: &u64) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn call(#[inherit(USER_ID.optional())] user: u64) {
    let _ = user;
}

fn main() {
    // An inherited parameter is no part of the call, whatever is wrong with it.
    let _ = (text(), question_mark(), empty(), two(), value(), borrowed(), call());
}
