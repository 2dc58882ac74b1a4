//! The type that is returned has to be written: callers know it.

use detached::background;

#[background(timeout = "5s")]
async fn guessed() -> _ {
    5
}

#[background(timeout = "5s")]
async fn in_part() -> Result<Option<_>, _> {
    Ok::<_, String>(Some(5))
}

#[derive(Default)]
struct Counter;

impl Counter {
    #[background(timeout = "5s", limit = 0)]
    async fn count(self: std::sync::Arc<Self>) -> (u8, Vec<_>) {
        (5, vec![])
    }
}

macro_rules! function {
    ($returned:ty) => {
        #[background(timeout = "5s")]
        async fn through_a_macro() -> $returned {
            5
        }
    };
}

function!(_);

async fn callers() {
    let five: u8 = guessed().await.unwrap();
    in_part().await.unwrap().unwrap().unwrap().checked_add(five);
    Counter::count(Default::default()).await.unwrap().1.push("");
    through_a_macro().await.unwrap() + 5;
}

fn main() {}
