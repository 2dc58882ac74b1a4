use detached::background;

#[background(timeout = "5s", crate = ::facade::detached)]
async fn no_such_crate(page: &str) -> u8 {
    page.len() as u8
}

#[background(timeout = "5s", crate = detached::<u8>)]
async fn generic() {}

#[background(timeout = "5s", crate = ::tokio)]
async fn another_crate(page: &str, #[inherit] user_id: u64) -> Result<u64, ()> {
    Ok(page.len() as u64 + user_id)
}

mod facade {}

// Of these the compiler would propose the user's own.
pub mod model {
    pub struct Name;
    pub struct Call;
    pub enum Level {}
    pub enum Trace {}
    pub enum Overflow {}
}

#[background(timeout = "5s", crate = crate::facade::detached)]
async fn not_in_a_module() {}

#[background(timeout = "5s", inherit = ["user_id?"], crate = ::detached::private::missing, level = "warn")]
async fn too_long(pages: &[u8]) {
    let _ = pages;
}

const BOUND: std::time::Duration = std::time::Duration::MAX;

#[background(timeout = BOUND, crate = ::facade)]
async fn computed_bound() {}

#[background(timeout = BOUND, limit = 5 + 5, overflow = "wait", supervisor = owner, crate = ::tokio::task)]
async fn expressions(owner: detached::Supervisor) {}

static USER_ID: detached::Key<u64> = detached::Key::new("user_id");

#[background(timeout = BOUND, inherit = [USER_ID, "tenant?"], level = "warn", trace = "child", crate = self::facade)]
async fn carriers(#[inherit(USER_ID)] user: Option<u64>, #[context] ctx: &detached::Context) {
    let _ = (user, ctx);
}

fn main() {
    let _ = (no_such_crate("").name(), another_crate(""), not_in_a_module(), too_long(&[]));
}
