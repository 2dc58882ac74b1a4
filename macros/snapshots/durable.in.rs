#[background(durable = "mail", timeout = "30s", attempts = 5)]
pub async fn send_welcome(to: String, #[inherit(USER_ID)] user: UserId, #[state] mailer: Mailer) -> Result<(), MailError> { mailer.send(to, user).await }

#[background(durable = "mail", timeout = LIMIT, name = "the mail", inherit = [REQUEST, TENANT?], backoff = "1s..1m", crashes = 3, alias = "old", crate = facade)]
async fn everything(#[context] ctx: Context, mut text: String, _unused: Option<u8>) {}

#[background(durable = "mail", timeout = "30s")]
async fn refused(page: &str, #[state] db: Db) -> u8 { 1 }
