use detached::{Context, background};

#[background(timeout = "5s")]
async fn pattern(#[inherit] (a, b): (u8, u8)) {
    let _ = (a, b);
}

#[background(timeout = "5s")]
async fn borrowed(#[inherit] user_id: &str) {
    let _ = user_id;
}

#[background(timeout = "5s")]
async fn both(#[inherit] #[context] user_id: u8) {
    let _ = user_id;
}

#[background(timeout = "5s")]
async fn two_contexts(#[context] a: Context, #[context] b: Context) {
    let _ = (a, b);
}

#[background(timeout = "5s")]
async fn no_context(#[context] ctx: u8) {
    let _ = ctx;
}

struct NotClone;

#[background(timeout = "5s")]
async fn not_clone(#[inherit] value: NotClone) {
    let _ = value;
}

fn main() {}
