use async_trait::async_trait;
use detached::{Task, background};

#[derive(Clone)]
struct Db;

#[async_trait]
trait Boxed {
    async fn boxed(&self) -> u8;
}

#[async_trait]
impl Boxed for Db {
    #[background(timeout = "5s")]
    async fn boxed(&self) -> u8 {
        5
    }
}

trait Plain {
    fn plain(&self) -> impl Future<Output = u8>;
}

impl Plain for Db {
    #[background(timeout = "5s")]
    async fn plain(&self) -> u8 {
        5
    }
}

trait WithTask {
    fn with_task(&self) -> Task<u8>;
}

impl WithTask for Db {
    #[background(timeout = "5s")]
    async fn with_task(&self) -> u16 {
        5
    }
}

fn main() {}
