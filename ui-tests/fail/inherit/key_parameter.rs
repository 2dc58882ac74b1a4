use detached::{Context, Key, background};

static USER_ID: Key<u64> = Key::new("user_id");
static USER: Key<(u64, u64)> = Key::new("user");
static REQUEST: (Key<u64>, Key<(u64, u64)>) = (USER_ID, USER);
static NUMBER: u8 = 5;

#[background(timeout = "5s")]
async fn another_type(#[inherit(USER_ID)] user: String) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn another_optional_type(#[inherit(USER_ID)] user: Option<u32>) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn group(#[inherit(REQUEST)] user: u64) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn no_carrier(#[inherit(NUMBER)] number: u8) {
    let _ = number;
}

#[background(timeout = "5s")]
async fn missing(#[inherit(MISSING)] user: u64) {
    let _ = user;
}

#[background(timeout = "5s")]
async fn pattern(#[inherit(USER)] (id, group): (u64, u64)) {
    let _ = (id, group);
}

fn main() {
    let _ = pattern();
    // The callers of those that are refused have no error of their own.
    let _ = another_type();
    let context = Context::new().with(USER_ID, "seven");
    let _: Result<String, _> = context.get(USER_ID);
    let _ = context.get::<u64>(NUMBER);
    context.insert("not debug", NotDebug);
}

#[derive(Clone)]
struct NotDebug;
