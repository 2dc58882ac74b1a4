//! No method, although it has no `self`: there is no place for the type that names it.

use detached::background;

struct Mailer;

impl Mailer {
    #[background(durable = "mail", timeout = "5s")]
    async fn send(_to: String) {}
}

fn main() {}
