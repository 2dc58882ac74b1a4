//! What a durable function may look like.

use std::sync::Arc;
use std::time::Duration;

use detached::durable::{Backoff, Durable, Executed, Registry};
use detached::testing::{Inline, Recorded, TestSupervisor};
use detached::{OutcomeKind, Supervisor, background};

use crate::functions::Seen;

const LIMIT: Duration = Duration::from_secs(3);

/// A documented one.
#[background(
    durable = "mail",
    name = "the mail",
    timeout = LIMIT * factor,
    attempts = 7,
    backoff = "2s..1m",
    crashes = 3,
    alias = ["a", "b"],
    grace = "1s",
    level = "warn"
)]
async fn everything(factor: u32, mut r#type: Vec<u8>, #[state] seen: Arc<Seen>, _unused: Option<()>) -> usize {
    r#type.push(1);
    seen.note(format!("{factor} {:?}", r#type));
    r#type.len()
}

#[tokio::test(start_paused = true)]
async fn all_options_are_in_the_description() {
    let description = everything::description();
    assert_eq!((description.name().as_str(), description.aliases()), ("the mail", &["a", "b"][..]));
    assert_eq!((description.queue(), description.attempts(), description.crashes()), ("mail", 7, 3));
    assert_eq!(description.backoff(), Backoff::new(Duration::from_secs(2), Duration::from_secs(60)));
    assert_eq!(description.timeout(), None, "known only at the run");

    let seen = Seen::default();
    let store = Inline::new().state(Arc::new(seen.clone()));
    let test = TestSupervisor::with(Supervisor::builder().store(store));
    test.run(async { everything(2, vec![0], None).await.unwrap() }).await;
    assert_eq!(seen.all(), ["2 [0, 1]"]);
}

#[tokio::test]
async fn an_argument_is_stored_under_its_plain_name() {
    let recorded = Recorded::new();
    let supervisor = Supervisor::builder().store(recorded.clone()).build();
    supervisor.scope(async { everything(2, vec![0], None).await }).await.unwrap();
    let names: Vec<_> = recorded.jobs()[0].envelope.arguments.keys().cloned().collect();
    assert_eq!(names, ["_unused", "factor", "type"]);
}

#[background(durable = "mail", timeout = Duration::from_secs(seconds), attempts = 1)]
#[expect(unused_variables, reason = "the option's alone")]
async fn hang_for(seconds: u64) {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_bound_may_be_of_an_argument() {
    let test = TestSupervisor::with(Supervisor::builder().store(Inline::new()));
    test.expect("hang_for", OutcomeKind::TimedOut);
    let before = tokio::time::Instant::now();
    test.run(async { hang_for(9).await.unwrap() }).await;
    assert_eq!(before.elapsed(), Duration::from_secs(9));
}

#[background(durable = "mail", timeout = "30s", limit = 1, overflow = "wait")]
async fn one_at_a_time(#[state] seen: Seen) {
    seen.note("begin");
    tokio::task::yield_now().await;
    seen.note("end");
}

#[tokio::test(start_paused = true)]
async fn a_limit_holds_in_one_worker() {
    let (mut registry, seen) = (Registry::new(), Seen::default());
    registry.state(seen.clone());
    registry.register::<one_at_a_time>().unwrap();
    let recorded = Recorded::new();
    Supervisor::builder().store(recorded.clone()).build().scope(async { one_at_a_time().await }).await.unwrap();
    let envelope = &recorded.jobs()[0].envelope;
    let (mut one, mut other) = (envelope.clone(), envelope.clone());
    let supervisor = Supervisor::new();
    let (one, other) =
        tokio::join!(supervisor.scope(registry.execute(&mut one)), supervisor.scope(registry.execute(&mut other)));
    assert_eq!((one, other), (Executed::Done, Executed::Done));
    assert_eq!(seen.all(), ["begin", "end", "begin", "end"]);
}

/// Some worker of another configuration can run what this one cannot.
mod limited_by_an_expression {
    use super::*;

    #[background(durable = "mail", timeout = "30s", limit = DESCRIPTION - 1)]
    async fn not_at_all() {}

    #[background(durable = "mail", timeout = "30s", limit = panic!("no configuration"))]
    async fn unknown() {}

    #[background(durable = "mail", timeout = "30s", limit = FUNCTION + DESCRIPTION)]
    async fn some() {}

    /// The macro's own items are not in sight of the expression.
    const FUNCTION: usize = 1;
    const DESCRIPTION: usize = 1;

    async fn executed<F: Durable>() -> (Executed, Option<String>) {
        let mut registry = Registry::new();
        registry.register::<F>().unwrap();
        let mut envelope = crate::executing::envelope(&F::description().name(), serde_json::json!({}));
        (registry.execute(&mut envelope).await, envelope.error)
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_is_none_is_not_for_this_worker() {
        let (not_at_all, zero) = executed::<not_at_all>().await;
        let (unknown, panicked) = executed::<unknown>().await;
        assert_eq!((not_at_all, unknown), (Executed::NotHere, Executed::NotHere));
        assert_eq!(zero.as_deref(), Some("rejected: the limit is zero"));
        assert_eq!(panicked.as_deref(), Some("rejected: the expression of its `limit` panicked"));
        assert_eq!(executed::<some>().await, (Executed::Done, None));
    }
}

mod nested {
    use super::{Inline, Supervisor, TestSupervisor, background};

    #[tokio::test(start_paused = true)]
    async fn a_function_in_a_function_and_one_without_a_caller() {
        #[background(durable = "mail", timeout = "30s")]
        async fn inside(#[cfg(windows)] never: u8, #[cfg(not(windows))] always: u8) -> Result<u8, String> {
            // Neither the macro's names nor its items are in sight.
            const FUNCTION: u8 = 1;
            Ok(always + FUNCTION)
        }
        let test = TestSupervisor::with(Supervisor::builder().store(Inline::new()));
        test.run(async { inside(1).await.unwrap() }).await;
    }

    /// Unused, which is no reason for two warnings; and not public, as its type.
    #[allow(dead_code)]
    #[background(durable = "mail", timeout = "30s")]
    pub(super) async fn unused(text: String) -> impl Send {
        text
    }
}
