use std::fmt::{self, Display};

use detached::background;

#[derive(Clone)]
struct Db(u8);

impl Display for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Db {
    #[background(timeout = "5s")]
    async fn borrowed(&self) {
        println!("{self} and {self:>5}");
    }
}

fn main() {}
