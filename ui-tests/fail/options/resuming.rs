//! After a mistake the next option is read as if there were none.

use detached::background;

#[background(level = "loud" timeout = "5s")]
async fn no_comma_after_a_wrong_value() {}

#[background(level timeout = "5s")]
async fn no_value_and_no_comma() {}

#[background(level = timeout = "5s")]
async fn no_value_before_a_name() {}

#[background(retries = 3 timeout = "5s", limit = 0)]
async fn no_comma_after_an_unknown_option() {}

#[background(name = "a" + , timeout = "5s")]
async fn broken_value() {}

#[background(supervisor = a b c, timeout = "5s")]
async fn words_left_over(a: detached::Supervisor) {
    drop(a);
}

#[background(?, timeout = "5s")]
async fn stray_mark() {}

#[background(, timeout = "5s")]
async fn comma_first() {}

#[background(timeout = "5s" limit = 3 overflow = "wait" queue = 0)]
async fn no_commas() {}

#[background(timeout = std::cmp::max::<std::time::Duration>(a, b), level = "loud")]
async fn commas_inside_of_a_value(a: std::time::Duration, b: std::time::Duration) {
    let _ = (a, b);
}

#[background(timeout = std::time::Duration::from_secs(5 6), level = "loud")]
async fn broken_inside() {}

fn main() {}
