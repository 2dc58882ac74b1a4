#[background(timeout = "5s")]
async fn nothing() {}

#[background(timeout = "5s")]
async fn never() -> ! { loop {} }

#[background(timeout = "5s")]
async fn opaque() -> Result<impl Display, Box<dyn Iterator<Item = impl Debug>>> { Ok(1) }
