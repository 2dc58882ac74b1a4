//! The names of durable functions, as a program, an adapter and its tests write them.

use std::time::{Duration, SystemTime};

use detached::durable::{
    Backoff, Call, Description, Durable, Enqueued, Envelope, Executed, JobId, NewJob, Registry, Store, StoreError,
    StoreIn, Stored,
};
use detached::testing::{Inline, Recorded};
use detached::{Key, Optional, Plain, background, durable};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserId(u64);

static USER_ID: Key<UserId, Stored> = Key::new("user_id").stored();
static TENANT: Key<String, Stored> = Key::<String, Plain>::new("tenant").stored();
static REQUEST: (Key<UserId, Stored>, Optional<Key<String, Stored>>) = (USER_ID, TENANT.optional());

#[derive(Clone)]
pub struct Mailer;

#[background(
    durable = "mail",
    timeout = "30s",
    attempts = 4,
    backoff = "2s..10m",
    crashes = 6,
    alias = "shop::greet",
    inherit = [REQUEST]
)]
pub async fn send_welcome(
    to: String,
    #[inherit(USER_ID)] user: UserId,
    #[state] _mailer: Mailer,
) -> Result<(), String> {
    Err(format!("{to} {user:?}"))
}

#[background(durable = "mail", timeout = "30s")]
async fn by_default() {}

struct Sqlite;
struct Transaction;

impl StoreIn<Sqlite> for Transaction {
    async fn enqueue(&mut self, job: NewJob) -> Result<JobId, StoreError> {
        let NewJob { envelope, key, not_before, description, .. } = job;
        let (_, _, _, _): (Envelope, Option<String>, Option<SystemTime>, &'static Description) =
            (envelope, key, not_before, description);
        Ok(JobId::from("1".to_owned()))
    }
}

struct Nowhere;

impl Store for Nowhere {
    fn enqueue(&self, _: NewJob) -> Enqueued<'_> {
        Box::pin(async { Err(StoreError::unavailable("nowhere")) })
    }
}

/// Compiled, and that is all: what callers write.
#[expect(dead_code, reason = "its types are the test")]
async fn callers(transaction: &mut Transaction) -> Result<(), StoreError> {
    let call: Call = send_welcome("ann@example.org".into());
    let _: JobId = call.await?;
    let _: JobId = send_welcome(String::new()).key(format!("welcome-{}", 7)).after(Duration::from_secs(300)).await?;
    let _: JobId = send_welcome(String::new()).at(SystemTime::now()).await?;
    let _: JobId = send_welcome(String::new()).store_in(transaction).await?;
    durable::install(Nowhere);
    Ok(())
}

/// What workers and adapters write.
#[expect(dead_code, reason = "its types are the test")]
async fn workers(registry: &mut Registry, envelope: &mut Envelope) {
    registry.register::<send_welcome>().unwrap();
    registry.state(Mailer);
    registry.check().unwrap();
    match registry.execute(envelope).await {
        Executed::Done | Executed::GivenUp | Executed::NotHere => {}
        Executed::AgainAfter(pause) => assert!(pause >= Duration::ZERO),
    }
    let Envelope { format: _, function: _, arguments: _, inherited: _, traceparent: _, tracestate: _, .. } = envelope;
    let Envelope { attempts: _, crashes: _, called_at: _, caller: _, error: _, rest: _, .. } = envelope;
}

#[test]
fn what_is_not_said_has_its_default() {
    let [said, default] = [send_welcome::description(), by_default::description()];
    let backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(600));
    assert_eq!((said.attempts(), said.crashes(), said.backoff()), (4, 6, backoff), "what is said is none");
    assert_eq!((default.attempts(), default.crashes(), default.backoff()), (5, 10, Backoff::DEFAULT));
    assert_eq!(Backoff::DEFAULT, Backoff::new(Duration::from_secs(1), Duration::from_secs(900)));
    assert_eq!(
        (said.queue(), said.name().as_str(), said.aliases()),
        ("mail", "durable::send_welcome", &["shop::greet"][..])
    );
}

#[test]
fn both_stores_for_tests_are_stores() {
    fn is_store<S: Store + Clone + Default + std::fmt::Debug>() {}
    is_store::<Inline>();
    is_store::<Recorded>();
}

#[test]
fn a_function_that_moves_keeps_its_name() {
    mod deep {
        pub(super) mod deeper {
            #[detached::background(durable = "mail", timeout = "30s")]
            pub(in super::super) async fn send() {}
        }
    }
    assert_eq!(deep::deeper::send::description().name(), "durable::send", "without the module");
}
