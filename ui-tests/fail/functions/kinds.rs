use detached::background;

#[background(timeout = "5s")]
fn not_async(page: String) -> usize {
    page.len()
}

#[background(timeout = "5s")]
pub const fn constant() {}

trait Record {
    #[background(timeout = "5s")]
    async fn record(&self, page: &str) -> Result<u8, String>;

    #[background(timeout = "5s")]
    fn not_async(&self, page: String);

    #[background(timeout = "5s")]
    fn future(&self) -> impl Future<Output = Option<u8>>;

    #[background(timeout = "5s")]
    async fn of_an_arc(self: std::sync::Arc<Self>);
}

#[background(timeout = "5s")]
#[background(timeout = "6s")]
async fn twice() {}

fn main() {
    let _: detached::Task<usize> = not_async(String::new());
    let _: detached::Task<()> = twice();
}
