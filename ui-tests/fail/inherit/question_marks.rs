use detached::{Key, background};

static KEY: Key<u8> = Key::new("key");

#[background(timeout = "5s", inherit = ["user_id??"])]
async fn doubled_in_text() {}

#[background(timeout = "5s", inherit = [KEY??])]
async fn doubled_after_a_path() {}

#[background(timeout = "5s", inherit = ["user_id"]?)]
async fn on_the_list() {}

fn main() {}
