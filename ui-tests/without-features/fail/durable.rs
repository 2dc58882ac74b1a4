//! A durable function needs a feature: that is the one mistake, whatever it is made of.

use detached::{Key, background};

static USER_ID: Key<u64> = Key::new("user_id");

struct Mailer;

#[background(durable = "mail", timeout = "30s")]
async fn send(to: String) -> Result<(), std::io::Error> {
    drop(to);
    Ok(())
}

#[background(timeout = "30s", inherit = [USER_ID], durable = "mail", attempts = 3, backoff = "1s..15m", crashes = 2, alias = "old")]
pub async fn send_all(
    to: Vec<String>,
    #[state] mailer: Mailer,
    #[inherit(USER_ID)] user: Option<u64>,
) -> Result<usize, std::io::Error> {
    let _ = (mailer, user);
    Ok(to.len())
}

#[background(timeout = "30s", attempts = 3)]
async fn half(to: String) {
    drop(to);
}

async fn calls() -> Result<(), Box<dyn std::error::Error>> {
    send("ann".to_owned()).await?;
    send_all(Vec::new()).await?;
    Ok(())
}

fn main() {}
