use detached::background;

#[background(timeout = "5s")]
async fn main() -> Result<(), std::num::ParseIntError> {
    let _: u8 = "5".parse()?;
    Ok(())
}
