//! A name has quotes, and stands for one value.

use detached::background;

#[background(timeout = "5s", inherit = [user_id])]
async fn no_quotes() {}

#[background(timeout = "5s", inherit = [user_id?, r#type])]
async fn no_quotes_and_optional() {}

#[background(timeout = "5s", inherit = [user_id, "tenant", page])]
async fn of_a_parameter(user_id: u64) {
    let _ = user_id;
}

macro_rules! inheriting {
    ($name:ident, $value:ident) => {
        #[background(timeout = "5s", inherit = [$value])]
        async fn $name() {}
    };
}

inheriting!(through_a_macro, user_id);

#[background(timeout = "5s", inherit = ["*"])]
async fn wildcard() {}

#[background(timeout = "5s", inherit = [*])]
async fn wildcard_without_quotes() {}

#[background(timeout = "5s", inherit = [_, ..])]
async fn other_wildcards() {}

#[background(timeout = "5s", inherit = ["user_*", "tenant"])]
async fn part_of_a_name() {}

fn main() {}
