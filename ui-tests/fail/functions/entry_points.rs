use detached::background;

#[tokio::test]
#[background(timeout = "5s")]
async fn test_above() {}

#[background(timeout = "5s")]
#[tokio::test]
async fn test_below() {}

#[background(timeout = "5s")]
#[tokio::main]
async fn main() {}
