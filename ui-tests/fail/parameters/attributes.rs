//! One that is spelt alike is taken for the one that is meant, so that callers are right.

use detached::{Context, background};

#[background(timeout = "5s")]
async fn participle(#[inherited] user_id: u64) {
    let _ = user_id;
}

#[background(timeout = "5s")]
async fn plural(#[inherits] user_id: u64, #[contxt] ctx: Context) {
    let _ = (user_id, ctx);
}

#[background(timeout = "5s")]
async fn short(#[ctx] context: &Context) {
    let _ = context;
}

#[background(timeout = "5s")]
async fn path(#[detached::inherit] user_id: Option<u64>) {
    let _ = user_id;
}

fn main() {
    participle();
    plural(Context::new());
    short(&Context::new());
    path();
}
