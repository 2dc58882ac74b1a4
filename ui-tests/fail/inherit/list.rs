use detached::{Key, background};

static KEY: Key<u8> = Key::new("key");

#[background(timeout = "5s", inherit = ["user_id", 5])]
async fn number() {}

#[background(timeout = "5s", inherit = [""])]
async fn empty() {}

#[background(timeout = "5s", inherit = ["  ?"])]
async fn blank() {}

#[background(timeout = "5s", inherit = [" user_id"])]
async fn space_around() {}

#[background(timeout = "5s", inherit = ["?user_id"])]
async fn question_first() {}

#[background(timeout = "5s", inherit = ["user_id"?])]
async fn question_outside() {}

#[background(timeout = "5s", inherit = ["user_id", "tenant", "user_id?"])]
async fn doubled_name() {}

#[background(timeout = "5s", inherit = [KEY, KEY?])]
async fn doubled_key() {}

#[background(timeout = "5s", inherit = [key()])]
async fn call() {}

#[background(timeout = "5s", inherit = ["user_id", ])]
async fn doubled_by_a_parameter(#[inherit] user_id: u8) {
    let _ = user_id;
}

fn main() {}
