//! What a stored call cannot inherit.

use detached::durable::Stored;
use detached::{Key, Optional, background};

static USER_ID: Key<u64> = Key::new("user_id");
static TENANT: Key<String, Stored> = Key::new("tenant").stored();
static GROUP: (Key<String, Stored>, Optional<Key<u64>>) = (TENANT, USER_ID.optional());
static NO_CARRIER: u8 = 1;

tokio::task_local! {
    static LOCALE: &'static str;
}

#[background(durable = "mail", timeout = "5s", inherit = [USER_ID, GROUP, LOCALE, NO_CARRIER])]
async fn carriers() {}

#[background(durable = "mail", timeout = "5s", inherit = ["user_id", "tenant?", TENANT])]
async fn names(#[inherit] _user_id: u64, #[inherit(TENANT)] _tenant: String) {}

#[background(durable = "mail", timeout = "5s")]
async fn parameters(#[inherit(USER_ID)] user: u64, #[inherit(TENANT)] tenant: u64) {}

#[derive(Clone, Debug)]
struct NotStorable;

static NOT_STORABLE: Key<NotStorable, Stored> = Key::<NotStorable>::new("x").stored();

fn main() {}
