use detached::background;

#[tokio::main]
#[background(timeout = "5s")]
async fn main() -> std::io::Result<()> {
    Ok(())
}
