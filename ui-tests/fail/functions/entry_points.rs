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

#[background(timeout = "5s")]
#[tokio::main(flavor = "current_thread")]
async fn main() {}
