//! A list is no array of one value, so many times.

use detached::{Key, background};

static USER_ID: Key<u64> = Key::new("user_id");
static TENANT: Key<u64> = Key::new("tenant");
const COUNT: usize = 3;

#[background(timeout = "5s", inherit = ["a"; 3])]
async fn number() {}

#[background(timeout = "5s", inherit = [USER_ID; COUNT])]
async fn constant() {}

#[background(timeout = "5s", inherit = ["a"; 2 + 1, "b"])]
async fn sum() {}

#[background(timeout = "5s", inherit = [USER_ID; TENANT])]
async fn keys() {}

#[background(timeout = "5s", inherit = ["a"; "b"; "a"])]
async fn names() {}

fn main() {}
