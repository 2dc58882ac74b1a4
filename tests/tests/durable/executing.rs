//! How a stored call is run, and what is to become of it.

use std::time::Duration;

use detached::durable::{Durable as _, Envelope, Executed, RegisterError, Registry};
use detached::testing::TestSupervisor;
use detached::{OutcomeKind, Supervisor, TaskInfo, background};
use detached_tests::recording::Recording;
use serde_json::json;
use tokio::time::Instant;
use tracing::Level;

use crate::functions::{Seen, explode, hang, refuse, send, withdraw};

pub fn envelope(function: &str, arguments: serde_json::Value) -> Envelope {
    let stored = json!({"format": 1, "function": function, "arguments": arguments, "caller": "src/shop.rs:3:5"});
    Envelope::from_json(stored.to_string().as_bytes()).unwrap()
}

fn mail(to: &str) -> Envelope {
    envelope("durable::send", json!({"mail": {"to": to, "copies": 1}, "urgent": true}))
}

/// All functions, and what they saw.
fn registry() -> (Registry, Seen) {
    let (mut registry, seen) = (Registry::new(), Seen::default());
    registry.state(seen.clone());
    registry.register::<send>().unwrap();
    registry.register::<hang>().unwrap();
    registry.register::<explode>().unwrap();
    registry.register::<withdraw>().unwrap();
    registry.register::<refuse>().unwrap();
    (registry, seen)
}

#[tokio::test(start_paused = true)]
async fn a_run_is_a_task_with_an_outcome_of_its_own() {
    let (registry, seen) = registry();
    let test = TestSupervisor::new();
    let executed = test.run(async { registry.execute(&mut mail("ann")).await }).await;
    assert_eq!(executed, Executed::Done);
    assert_eq!(seen.all(), ["ann, urgent: Some(true), attempt 1"]);
    test.assert_outcomes("send", [OutcomeKind::Completed]);
    let counts = test.supervisor().counts();
    assert_eq!((counts.called, counts.completed), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_tried_again_until_it_is_given_up() {
    let (registry, seen) = registry();
    let supervisor = Supervisor::new();
    let mut envelope = mail("");
    for attempt in 1..=5 {
        let executed = supervisor.scope(registry.execute(&mut envelope)).await;
        assert_eq!((envelope.attempts, envelope.error.as_deref()), (attempt, Some("no address")));
        match executed {
            Executed::AgainAfter(pause) if attempt < 5 => {
                let whole = Duration::from_secs(1 << (attempt - 1));
                assert!(pause > whole / 2 && pause <= whole, "{pause:?} after {attempt}");
            }
            executed => assert_eq!((executed, attempt), (Executed::GivenUp, 5)),
        }
    }
    assert_eq!(seen.all().last().unwrap(), ", urgent: Some(true), attempt 5");
}

#[tokio::test(start_paused = true)]
async fn a_bound_that_passes_and_a_panic_are_attempts_too() {
    let (registry, _) = registry();
    let test = TestSupervisor::new();
    test.expect("hang", OutcomeKind::TimedOut);
    let mut envelope = envelope("durable::hang", json!({}));
    let before = Instant::now();
    let executed = test.run(async { registry.execute(&mut envelope).await }).await;
    assert_eq!(executed, Executed::AgainAfter(Duration::from_secs(7)), "every pause is the same by its option");
    assert_eq!(before.elapsed(), Duration::from_secs(30), "bound from the start of the attempt");
    assert_eq!(envelope.error.as_deref(), Some("timed out after 30s"));

    test.expect("explode", OutcomeKind::Panicked);
    let mut envelope = self::envelope("durable::explode", json!({}));
    let executed = test.run(async { registry.execute(&mut envelope).await }).await;
    assert_eq!((executed, envelope.error.as_deref()), (Executed::GivenUp, Some("panicked")));
}

#[tokio::test(start_paused = true)]
async fn what_the_program_cancels_is_given_up_and_what_a_drain_does_is_not() {
    let (registry, _) = registry();
    let supervisor = Supervisor::new();
    let mut withdrawn = envelope("durable::withdraw", json!({}));
    let executed = supervisor.scope(registry.execute(&mut withdrawn)).await;
    assert_eq!(executed, Executed::GivenUp);
    assert_eq!(withdrawn.error.as_deref(), Some("cancelled: nobody wants it any more"));

    let mut drained = envelope("durable::hang", json!({}));
    let (executed, report) =
        tokio::join!(supervisor.scope(registry.execute(&mut drained)), supervisor.drain(Duration::from_secs(1)));
    assert_eq!((executed, drained.attempts), (Executed::AgainAfter(Duration::ZERO), 0), "{report}");

    // And nothing is started any more; that is no attempt either.
    let executed = supervisor.scope(registry.execute(&mut drained)).await;
    assert!(matches!(executed, Executed::AgainAfter(_)), "{executed:?}");
    assert_eq!(drained.attempts, 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_not_here_and_stays_whole() {
    let (registry, seen) = registry();
    let test = TestSupervisor::new();
    for (mut unreadable, said) in [
        (envelope("durable::nobody", json!({})), "no function of the name is registered"),
        (envelope("durable::send", json!({"urgent": true})), "the argument `mail` cannot be read: it was not stored"),
        (
            envelope("durable::send", json!({"mail": {"to": 7, "copies": 1}})),
            "the argument `mail` cannot be read: invalid type: integer `7`, expected a string",
        ),
        (envelope("durable::refuse", json!({})), "the argument `stubborn` cannot be read: will not be read"),
    ] {
        let before = unreadable.clone();
        let executed = test.run(async { registry.execute(&mut unreadable).await }).await;
        assert_eq!(executed, Executed::NotHere);
        let error = unreadable.error.take().unwrap();
        assert!(error.starts_with(said), "{error}");
        assert_eq!(unreadable, before);
    }
    assert!(seen.all().is_empty());
    assert_eq!(test.supervisor().counts().called, 0, "no attempt was made");
}

#[tokio::test(start_paused = true)]
async fn arguments_may_be_removed_reordered_and_optional_ones_added() {
    let (registry, seen) = registry();
    let mut old = envelope("durable::send", json!({"removed": [1], "mail": {"copies": 1, "to": "ann"}}));
    assert_eq!(registry.execute(&mut old).await, Executed::Done);
    assert_eq!(seen.all(), ["ann, urgent: None, attempt 1"]);
}

#[tokio::test(start_paused = true)]
async fn an_alias_is_a_name_too() {
    let (registry, seen) = registry();
    let mut old = mail("ann");
    old.function = "shop::mail".to_owned();
    assert_eq!(registry.execute(&mut old).await, Executed::Done);
    assert_eq!(seen.all().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_killed_its_worker_too_often_is_given_up_unrun() {
    let (registry, seen) = registry();
    let mut deadly = mail("ann");
    deadly.crashes = 9;
    assert_eq!(registry.execute(&mut deadly).await, Executed::Done);
    deadly.crashes = 10;
    assert_eq!(registry.execute(&mut deadly).await, Executed::GivenUp);
    assert_eq!(deadly.error.as_deref(), Some("its worker died 10 times while it ran"));
    assert_eq!(seen.all().len(), 1);
}

mod other {
    use detached::background;

    #[background(durable = "other", timeout = "30s")]
    pub async fn send() {}

    #[background(durable = "other", timeout = "30s", alias = "durable::send")]
    pub async fn resend() {}
}

#[test]
fn two_of_one_name_are_refused() {
    let mut registry = Registry::new();
    registry.register::<send>().unwrap();
    registry.register::<send>().expect("the same one is no other");
    let doubled = || RegisterError::Doubled { name: "durable::send".to_owned() };
    assert_eq!(registry.register::<other::send>(), Err(doubled()));
    assert_eq!(registry.register::<other::resend>(), Err(doubled()));
    let names: Vec<_> = registry.functions().map(|function| function.name()).collect();
    assert_eq!(names, ["durable::send"]);
}

#[test]
fn a_state_that_is_missing_is_named_with_its_function() {
    let mut registry = Registry::new();
    registry.register::<explode>().unwrap();
    registry.register::<send>().unwrap();
    let error = registry.check().unwrap_err().to_string();
    assert!(error.contains("`durable::send`") && error.contains("functions::Seen`"), "{error}");
    registry.state(Seen::default());
    assert_eq!(registry.check(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_attempt_is_a_field_of_span_and_event() {
    let recording = Recording::new();
    let _guard = recording.set_default();
    let (registry, _) = registry();
    let mut envelope = mail("");
    envelope.attempts = 2;
    registry.execute(&mut envelope).await;
    let span = recording.span("send");
    assert_eq!(span.field("attempt"), Some("3"));
    let event = recording.events().into_iter().find(|event| event.field("task") == Some("send")).unwrap();
    assert_eq!((event.field("attempt"), event.field("outcome")), (Some("3"), Some("failed")));
}

#[background(durable = "mail", timeout = "30s")]
pub async fn nest(#[state] supervisor: Supervisor) {
    let tasks = supervisor.tasks();
    let names: Vec<_> = tasks.iter().map(TaskInfo::name).collect();
    assert_eq!(names, ["nest"], "the list of tasks has it while it runs");
}

#[tokio::test(start_paused = true)]
async fn the_list_of_tasks_has_a_run() {
    let supervisor = Supervisor::new();
    let mut registry = Registry::new();
    registry.register::<nest>().unwrap();
    registry.state(supervisor.clone());
    let mut envelope = envelope(&nest::description().name(), json!({}));
    assert_eq!(supervisor.scope(registry.execute(&mut envelope)).await, Executed::Done);
}

#[tokio::test(start_paused = true)]
async fn what_will_not_run_is_told_where_the_functions_module_is_seen() {
    let recording = Recording::new();
    let _guard = recording.set_default();
    let (registry, _) = registry();
    let mut deadly = mail("ann");
    deadly.crashes = 10;
    let mut last = envelope("durable::explode", json!({}));
    let mut unreadable = envelope("durable::send", json!({"mail": "no mail"}));
    let mut unknown = envelope("of_another_worker", json!({}));
    for envelope in [&mut deadly, &mut last, &mut unreadable, &mut unknown] {
        registry.execute(envelope).await;
    }
    let told: Vec<_> = recording.events().into_iter().filter(|event| event.field("function").is_some()).collect();
    let told: Vec<_> =
        told.iter().map(|event| (event.message(), event.level, &*event.target, event.field("attempts"))).collect();
    let (given_up, not_here) = ("a stored call is given up", "a stored call cannot be run here");
    assert_eq!(
        told,
        [
            (given_up, Level::ERROR, "durable::functions", Some("0")),
            (given_up, Level::ERROR, "durable::functions", Some("1")),
            (not_here, Level::WARN, "durable::functions", None),
            (not_here, Level::WARN, "detached", None),
        ]
    );
}
