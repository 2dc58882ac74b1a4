use detached::background;

#[tokio::test]
#[background(timeout = "5s")]
async fn test_above() {}

#[background(timeout = "5s")]
#[tokio::test]
async fn test_below() {}

#[background(timeout = "5s")]
#[test]
async fn plain_test() -> Result<(), std::num::ParseIntError> {
    let _: u8 = "5".parse()?;
    Ok(())
}

#[background(timeout = "5s")]
#[test]
fn plain_test_not_async() {}

#[tokio::main]
#[background(timeout = "5s")]
async fn start(page: &str) -> usize {
    page.len()
}

#[background(timeout = "5s")]
#[tokio::main(worker_threads = 2)]
async fn start_below() {}

#[background(timeout = "5s")]
fn waits(runtime: tokio::runtime::Handle) -> u8 {
    runtime.block_on(async { 5 })
}

fn callers() {
    let _: detached::Task<usize> = start("");
    start_below();
}

#[background(timeout = "5s")]
#[tokio::main(flavor = "current_thread")]
async fn main() {}
