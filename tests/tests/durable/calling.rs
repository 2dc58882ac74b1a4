//! What a call stores, and what it is told.

use std::time::{Duration, SystemTime};

use detached::Supervisor;
use detached::durable::{self, Durable as _, Enqueued, Envelope, JobId, NewJob, Store, StoreError, StoreIn};
use detached::testing::Recorded;
use serde_json::json;

use crate::functions::{Mail, Stubborn, explode, refuse, send};

/// Calls with a store of the test's own, and gives what was stored.
async fn stored<T>(call: impl AsyncFnOnce() -> T) -> (T, Vec<NewJob>) {
    let recorded = Recorded::new();
    let supervisor = Supervisor::builder().store(recorded.clone()).build();
    let given = supervisor.scope(call()).await;
    (given, recorded.jobs())
}

#[tokio::test]
async fn a_call_stores_its_name_its_arguments_its_place_and_its_time() {
    let (id, jobs) = stored(async || send(Mail::to("ann"), None).await).await;
    let here = (file!(), line!() - 1);
    assert_eq!(id.unwrap().to_string(), "recorded-1");
    let envelope = &jobs[0].envelope;
    let stored: serde_json::Value = serde_json::from_slice(&envelope.to_json()).unwrap();
    assert_eq!(stored["format"], 1);
    assert_eq!(stored["function"], "durable::send", "the crate's name and the function's, without the module");
    assert_eq!(stored["arguments"], json!({"mail": {"to": "ann", "copies": 1}, "urgent": null}));
    assert_eq!((&stored["attempts"], &stored["crashes"]), (&json!(0), &json!(0)));
    assert!(envelope.caller.starts_with(&format!("{}:{}:", here.0, here.1)), "{}", envelope.caller);
    let called_at = SystemTime::UNIX_EPOCH + Duration::from_millis(envelope.called_at);
    assert!(called_at <= SystemTime::now(), "{called_at:?}");
    assert_eq!((jobs[0].key.as_deref(), jobs[0].not_before, jobs[0].description.queue()), (None, None, "mail"));
}

#[tokio::test]
async fn a_call_that_is_not_awaited_is_not_stored() {
    let (_, jobs) = stored(async || drop(send(Mail::to("ann"), None))).await;
    assert!(jobs.is_empty());
}

#[tokio::test]
async fn a_key_and_a_time_go_along() {
    let before = SystemTime::now();
    let (_, jobs) = stored(async || {
        send(Mail::to("ann"), None).key("welcome-7").after(Duration::from_secs(60)).await.unwrap();
        send(Mail::to("bob"), None).at(SystemTime::UNIX_EPOCH).await.unwrap();
        send(Mail::to("cid"), None).after(Duration::MAX).await.unwrap();
    })
    .await;
    assert_eq!(jobs[0].key.as_deref(), Some("welcome-7"));
    assert!(jobs[0].not_before.unwrap() >= before + Duration::from_secs(60));
    assert_eq!(jobs[1].not_before, Some(SystemTime::UNIX_EPOCH));
    assert!(jobs[2].not_before.unwrap() > before + Duration::from_secs(60), "{:?}", jobs[2].not_before);
}

#[tokio::test]
async fn without_a_store_the_caller_is_told() {
    // The one test of this program that goes without a supervisor's store, and nothing here installs one.
    let error = send(Mail::to("ann"), None).await.unwrap_err();
    assert!(matches!(error, StoreError::NotInstalled), "{error:?}");
}

#[tokio::test]
async fn what_is_no_json_is_told_by_its_name_and_hurts_nobody() {
    for panics in [false, true] {
        let (error, jobs) = stored(async || refuse(Stubborn(panics)).await.unwrap_err()).await;
        let StoreError::NotSerializable { name, error } = error else { panic!("{error:?}") };
        assert_eq!(name, "stubborn");
        let said = if panics { "will not be written" } else { "cannot be written" };
        assert!(error.starts_with(said), "{error}");
        assert!(jobs.is_empty());
    }
}

/// A store that is away.
struct Away;

impl Store for Away {
    fn enqueue(&self, _: NewJob) -> Enqueued<'_> {
        Box::pin(async { Err(StoreError::unavailable("connection refused")) })
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_told() {
    let supervisor = Supervisor::builder().store(Away).build();
    let error = supervisor.scope(async { explode().await }).await.unwrap_err();
    assert_eq!(error.to_string(), "the store is not available: connection refused");
}

/// A transaction of [`Away`]'s.
#[derive(Default)]
struct Transaction(Vec<NewJob>);

impl StoreIn<Away> for Transaction {
    async fn enqueue(&mut self, job: NewJob) -> Result<JobId, StoreError> {
        self.0.push(job);
        Ok(JobId::from("7".to_owned()))
    }
}

#[tokio::test]
async fn a_transaction_takes_the_call_instead_of_the_store() {
    let mut transaction = Transaction::default();
    let (id, jobs) = stored(async || send(Mail::to("ann"), Some(true)).key("k").store_in(&mut transaction).await).await;
    assert_eq!(id.unwrap().as_str(), "7");
    assert!(jobs.is_empty());
    let [job] = &transaction.0[..] else { panic!("{:?}", transaction.0) };
    assert_eq!((job.envelope.arguments["urgent"].as_bool(), job.key.as_deref()), (Some(true), Some("k")));

    let error = refuse(Stubborn(false)).store_in(&mut transaction).await.unwrap_err();
    assert!(matches!(error, StoreError::NotSerializable { .. }), "{error:?}");
    assert_eq!(transaction.0.len(), 1);
}

#[tokio::test]
async fn a_task_has_its_supervisors_store() {
    let (id, jobs) = stored(async || {
        let task = detached::task("nested").no_timeout();
        task.spawn(async { send(Mail::to("ann"), None).await }).await.unwrap()
    })
    .await;
    assert!(id.is_ok());
    assert_eq!(jobs.len(), 1);
}

#[test]
fn an_envelope_keeps_what_it_does_not_know() {
    let stored = json!({"format": 1, "function": "shop::send", "arguments": {"a": 1}, "of_tomorrow": {"b": [2]}});
    let envelope = Envelope::from_json(stored.to_string().as_bytes()).unwrap();
    let again: serde_json::Value = serde_json::from_slice(&envelope.to_json()).unwrap();
    assert_eq!(again["of_tomorrow"], stored["of_tomorrow"]);
    assert_eq!(again["arguments"], stored["arguments"]);

    for unreadable in ["", "7", "{}", r#"{"format": 2, "function": "f"}"#, r#"{"format": 1, "function": 5}"#] {
        assert!(Envelope::from_json(unreadable.as_bytes()).is_err(), "{unreadable}");
    }
}

#[test]
fn a_description_says_what_the_attribute_said() {
    let description = send::description();
    assert_eq!((description.name().as_str(), description.aliases()), ("durable::send", &["shop::mail"][..]));
    assert_eq!((description.attempts(), description.crashes()), (5, 10));
    assert_eq!(description.backoff(), durable::Backoff::DEFAULT);
    assert_eq!(description.timeout(), Some(Duration::from_secs(30)));
}
