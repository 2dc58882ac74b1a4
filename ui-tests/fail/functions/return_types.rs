use std::borrow::Cow;
use std::rc::Rc;

use detached::background;

#[background(timeout = "5s")]
async fn borrowed(page: &str) -> &str {
    page
}

#[background(timeout = "5s")]
async fn hidden(page: &str) -> Result<Cow<'_, str>, u8> {
    Ok(page.into())
}

#[background(timeout = "5s")]
async fn not_send() -> Rc<str> {
    "".into()
}

#[background(timeout = "5s")]
async fn wrong_type() -> u8 {
    "five"
}

#[background(timeout = "5s")]
async fn wrong_early_return(page: &str) -> Result<u8, std::num::ParseIntError> {
    if page.is_empty() {
        return 5;
    }
    Ok(page.parse()?)
}

fn main() {}
