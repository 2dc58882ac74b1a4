//! What is wrong between two names hides neither.

use detached::{Key, background};

static USER_ID: Key<u64> = Key::new("user_id");

#[background(timeout = "5s", inherit = ["user_id" "tenant"])]
async fn no_comma() {}

#[background(timeout = "5s", inherit = ["user_id" USER_ID? "tenant", " page"])]
async fn no_commas() {}

#[background(timeout = "5s", inherit = ["user_id",, "tenant"])]
async fn two_commas() {}

#[background(timeout = "5s", inherit = [, "user_id"])]
async fn comma_first() {}

#[background(timeout = "5s", inherit = ["user_id": UserId, "tenant"])]
async fn with_a_type() {}

#[background(timeout = "5s", inherit = ["user_id"; "tenant"])]
async fn semicolon() {}

#[background(timeout = "5s", inherit = {"user_id", "tenant?"})]
async fn braces() {}

#[background(timeout = "5s", inherit = ("user_id", ""))]
async fn parentheses() {}

#[background(timeout = "5s", inherit = ())]
async fn nothing() {}

#[background(timeout = "5s", inherit = USER_ID)]
async fn no_brackets() {}

#[background(inherit = user_id, timeout = "5s")]
async fn neither_brackets_nor_quotes() {}

#[background(timeout = "5s", inherit = tenant, USER_ID?, keys::PAGE, level = "warn")]
async fn neither_around_two() {}

#[background(timeout = "5s", inherit = <"user_id">)]
async fn angle_brackets() {}

#[background(timeout = "5s", inherit = vec!["user_id"])]
async fn vector() {}

#[background(timeout = "5s", inherit = "*")]
async fn everything() {}

#[background(timeout = "5s", inherit = "user_id", "tenant")]
async fn no_brackets_around_two() {}

#[background(timeout = "5s", inherit = [&USER_ID])]
async fn reference() {}

#[background(timeout = "5s", inherit = [["user_id"]])]
async fn list_in_a_list() {}

#[background(timeout = "5s", inherit = ["user_id" = 7])]
async fn with_a_value() {}

#[background(timeout = "5s", inherit = [..USER_ID])]
async fn dots() {}

fn main() {}
