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

#[background(timeout = "5s", crate = crate::facade::detached)]
async fn not_in_a_module() {}

#[background(timeout = "5s", inherit = ["user_id?"], crate = ::detached::private::missing, level = "warn")]
async fn too_long(pages: &[u8]) {
    let _ = pages;
}

fn main() {
    let _ = (no_such_crate("").name(), another_crate(""), not_in_a_module(), too_long(&[]));
}
